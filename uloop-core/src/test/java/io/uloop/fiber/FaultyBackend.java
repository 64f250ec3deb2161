package io.uloop.fiber;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.Interceptor;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend that does one call wrong, after some time. Thread-safe. */
final class FaultyBackend extends ForwardingProvider {
    private static final int FIRST = 300;

    /** The fuzzer introduces its connections by fewer bytes, which faults would make unknown. */
    private static final int INTRODUCTION = 8;

    private final Descriptors faulty;
    private final AtomicInteger calls = new AtomicInteger();

    FaultyBackend(PollerProvider backend, String name, Interceptor fault) {
        super(backend);
        faulty =
                ((Interceptor)
                                call ->
                                        call.name().equals(name) && calls.incrementAndGet() >= FIRST
                                                ? fault.intercept(call)
                                                : call.proceed())
                        .before(Descriptors.class, backend.descriptors());
    }

    @Override
    public Descriptors descriptors() {
        return faulty;
    }

    /** Reads a byte and forgets it. */
    static Object loseByte(Interceptor.Call call) throws Throwable {
        if (isOfStream(call)) {
            Descriptors io = (Descriptors) call.target();
            int count = io.read(call.number(0), ByteBuffer.allocateDirect(1));
            if (count < 1) {
                return count;
            }
        }
        return call.proceed();
    }

    /** Writes the first byte twice. */
    static Object repeatByte(Interceptor.Call call) throws Throwable {
        if (isOfStream(call)) {
            Descriptors io = (Descriptors) call.target();
            ByteBuffer source = (ByteBuffer) call.arguments()[1];
            ByteBuffer first = source.duplicate().limit(source.position() + 1);
            if (io.write(call.number(0), first) == 0) {
                return 0;
            }
        }
        return call.proceed();
    }

    private static boolean isOfStream(Interceptor.Call call) {
        return call.arguments()[1] instanceof ByteBuffer buffer
                && buffer.remaining() > INTRODUCTION;
    }
}
