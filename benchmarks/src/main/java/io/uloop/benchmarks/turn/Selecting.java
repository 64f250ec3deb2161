package io.uloop.benchmarks.turn;

import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;

/** A selector of the JDK with channels that are always ready. */
abstract class Selecting implements Contender, Consumer<SelectionKey> {
    final Selector selector = Selector.open();
    private int seen;

    Selecting(Pipe.SourceChannel... ready) throws IOException {
        for (Pipe.SourceChannel channel : ready) {
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    @Override
    public final void accept(SelectionKey key) {
        seen |= key.readyOps();
    }

    /** Returns the number of selected keys, or 0 if none was ready for anything. */
    final long result(long selected) {
        return seen == 0 ? 0 : selected;
    }

    @Override
    public final void close() throws IOException {
        selector.close();
    }
}
