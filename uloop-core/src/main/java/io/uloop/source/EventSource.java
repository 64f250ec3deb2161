package io.uloop.source;

import io.uloop.stream.Source;
import java.io.IOException;

/** What the sources of this package have in common. */
@SuppressWarnings("try") // each of them declares what its close() throws
abstract class EventSource implements AutoCloseable {
    @Override
    public abstract void close() throws IOException;

    /** Returns the descriptor. */
    abstract Source source();

    /**
     * Lets {@link io.uloop.Uloop#runUntilIdle} end although this source is registered, now or
     * later. Its handler is still called while the loop runs. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    public final void unref() {
        source().setUnref(true);
    }

    /**
     * Reverts {@link #unref}, so that the registered source keeps an idle run waiting. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    public final void ref() {
        source().setUnref(false);
    }

    /** {@return whether this source keeps an idle run waiting while it is registered} */
    public final boolean hasRef() {
        return source().hasRef();
    }

    @Override
    public String toString() {
        return source().toString();
    }
}
