package io.uloop.benchmarks;

import java.io.IOException;

/** Looks at the standard streams of this process. */
final class Terminal {
    private Terminal() {}

    /** Returns whether the standard error stream is a terminal. */
    static boolean isStandardError() {
        try {
            Process test = new ProcessBuilder("test", "-t", "2").inheritIO().start();
            return test.waitFor() == 0;
        } catch (IOException e) {
            return false; // no such command
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
