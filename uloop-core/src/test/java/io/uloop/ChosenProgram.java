package io.uloop;

import io.uloop.poller.PollerUnavailableException;
import java.io.IOException;

/** Opens a loop as a user's program does and prints its backend. */
final class ChosenProgram {
    private ChosenProgram() {}

    public static void main(String[] arguments) throws IOException {
        try (Uloop loop = Uloop.open()) {
            System.out.println("chosen " + loop.provider().name());
        } catch (PollerUnavailableException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }
}
