package io.uloop.examples;

import io.uloop.EmbeddedLoop;
import io.uloop.LoopClose;
import io.uloop.Uloop;
import java.io.IOException;
import java.time.Duration;

/** Runs the loop of a component inside the loop of the program, on one thread. */
final class NestedLoops {
    private NestedLoops() {}

    public static void main(String[] arguments) throws IOException {
        try (Uloop program = Uloop.open();
                Uloop component = Uloop.open()) {
            LoopClose.on(component, () -> System.out.println("component: closed"));
            EmbeddedLoop.of(component).runIn(program);

            component.callEvery(Duration.ofMillis(20), () -> System.out.println("component: tick"));
            component.callLater(Duration.ofMillis(110), component::close);
            program.callEvery(Duration.ofMillis(50), () -> System.out.println("program: tick"))
                    .unref(); // the program ends with its component
            program.runUntilIdle();
        }
    }
}
