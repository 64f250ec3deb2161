package io.uloop.fiber;

import io.uloop.poller.Descriptors.Pipe;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Fibers whose operations never wait, because their descriptors are always ready. */
class FairnessTest extends EachFiber {
    @EachMode
    void loopContinuesBesideAFiberThatNeverWaits() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Pipe pipe = provider.descriptors().pipe();
        FiberDescriptor source = closing(FiberDescriptor.adopt(fibers, pipe.readEnd()));
        FiberDescriptor sink = closing(FiberDescriptor.adopt(fibers, pipe.writeEnd()));
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        loop.callLater(Duration.ofMillis(1), () -> over.set(true));
        run(
                () -> {
                    while (!over.get()) {
                        sink.write(one.clear());
                        source.readFully(one.clear());
                    }
                });
    }

    @EachMode
    void anotherFiberRunsBesideAFiberThatNeverWaits() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        FiberDatagramSocket socket = closing(FiberDatagramSocket.open(fibers, anyPort()));
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        run(
                () -> {
                    Pair pair = pair();
                    fibers.start(
                            "other",
                            () -> {
                                pair.client().write(ByteBuffer.allocate(1));
                                pair.server().readFully(ByteBuffer.allocate(1));
                                over.set(true);
                            });
                    while (!over.get()) {
                        socket.send(one.clear(), socket.getLocalAddress());
                        socket.receive(one.clear());
                    }
                });
    }
}
