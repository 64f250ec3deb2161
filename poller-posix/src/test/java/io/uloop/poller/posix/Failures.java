package io.uloop.poller.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts the errno of a failed call. */
public final class Failures {
    private Failures() {}

    public static PollerException assertFails(Errno errno, ThrowingCallable call) {
        PollerException failure = catchThrowableOfType(PollerException.class, call);
        assertThat(failure).as("a failure with " + errno).isNotNull();
        assertThat(failure.errno()).as(failure.getMessage()).isEqualTo(errno);
        assertThat(failure.getMessage()).doesNotContain("Unknown").isNotBlank();
        return failure;
    }
}
