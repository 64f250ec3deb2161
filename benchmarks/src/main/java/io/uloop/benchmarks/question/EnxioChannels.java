package io.uloop.benchmarks.question;

import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import jnr.enxio.channels.NativeSelectorProvider;
import jnr.enxio.channels.NativeSocketChannel;

/** The channels of jnr-enxio, over descriptors that Uloop opens. It cannot accept connections. */
final class EnxioChannels implements SelectorReadiness.Channels {
    private final Sockets sockets;

    EnxioChannels(PollerProvider provider) {
        sockets = new Sockets(provider.descriptors());
    }

    @Override
    public Selector selector() throws IOException {
        return NativeSelectorProvider.getInstance().openSelector();
    }

    @Override
    public SelectableChannel datagram(boolean ready) throws IOException {
        return new NativeSocketChannel(sockets.datagram(ready));
    }

    @Override
    public SelectableChannel[] pair() throws IOException {
        Pair pair = sockets.pair();
        return new SelectableChannel[] {
            new NativeSocketChannel(pair.first()), new NativeSocketChannel(pair.second())
        };
    }

    @Override
    public SelectableChannel listener() {
        throw new UnsupportedOperationException("jnr-enxio cannot accept connections");
    }

    @Override
    public SelectableChannel connect() {
        throw new UnsupportedOperationException("jnr-enxio cannot connect");
    }

    @Override
    public SelectableChannel accept(SelectableChannel listener) {
        throw new UnsupportedOperationException("jnr-enxio cannot accept connections");
    }

    /** The channels have closed the descriptors. */
    @Override
    public void close() {}
}
