package io.uloop.benchmarks.turn;

import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.util.function.Consumer;

/** Selects ready channels with {@link Selector#select(Consumer)}, which waits if none is ready. */
final class SelectConsumer extends Selecting {
    SelectConsumer(Pipe.SourceChannel... ready) throws IOException {
        super(ready);
    }

    @Override
    public long run(int times) throws IOException {
        long selected = 0;
        for (int i = 0; i < times; i++) {
            selected += selector.select(this);
        }
        return result(selected);
    }
}
