package io.uloop;

import io.uloop.group.UloopGroup;
import java.io.IOException;
import java.time.Duration;

/** Calls System.exit on a loop's thread, with a shutdown hook that ends the loop's group. */
final class ExitingProgram {
    private ExitingProgram() {}

    public static void main(String[] arguments) throws IOException {
        UloopGroup group =
                UloopGroup.builder()
                        .size(2)
                        .failureHandler((where, index, failure) -> System.exit(7))
                        .build();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(group, arguments[0])));
        group.loop(1)
                .execute(
                        () -> {
                            if (arguments[1].equals("failure")) {
                                throw new AssertionError("on purpose");
                            }
                            System.exit(7);
                        });
    }

    private static void end(UloopGroup group, String how) {
        if (how.equals("shutdown")) {
            try {
                System.out.println("in time: " + group.shutdown(Duration.ofHours(1)));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        group.close();
        System.out.println("closed");
    }
}
