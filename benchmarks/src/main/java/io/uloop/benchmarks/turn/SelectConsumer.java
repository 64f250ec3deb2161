package io.uloop.benchmarks.turn;

import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;

/** Selects ready channels with {@link Selector#select(Consumer)}, which waits if none is ready. */
final class SelectConsumer implements Contender, Consumer<SelectionKey> {
    private final Selector selector = Selector.open();
    private int seen;

    SelectConsumer(Pipe.SourceChannel... ready) throws IOException {
        for (Pipe.SourceChannel channel : ready) {
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    @Override
    public void accept(SelectionKey key) {
        seen |= key.readyOps();
    }

    @Override
    public long run(int times) throws IOException {
        long selected = 0;
        for (int i = 0; i < times; i++) {
            selected += selector.select(this);
        }
        return seen == 0 ? 0 : selected;
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
