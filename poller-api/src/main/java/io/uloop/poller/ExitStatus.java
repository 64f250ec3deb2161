package io.uloop.poller;

/**
 * How a process has ended.
 *
 * @param code the value passed to exit(3), 0 to 255; 0 if a signal ended the process
 * @param signal the number of the signal that ended the process, or 0
 * @since 0.1
 */
public record ExitStatus(int code, int signal) {
    private static final int SIGNALLED = 128;

    /** {@return the status as shells and the JDK report it: the code, or 128 + the signal} */
    public int combined() {
        return signal == 0 ? code : SIGNALLED + signal;
    }
}
