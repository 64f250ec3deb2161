package io.uloop.poller.kqueue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Differences between libkqueue and kqueue, and the contract cases that fail because of them. */
enum LibkqueueQuirk {
    PENDING_ERROR_IS_TAKEN(
            true,
            "libkqueue reads SO_ERROR to fill in fflags, which clears it before the user sees it",
            "aRefusedConnectIsWritableAndReportsTheError",
            "datagramsAreReadableEvenIfEmptyAndARefusalIsWritable",
            "aResetIsReadable"),

    DESCRIPTORS_ARE_HIDDEN(
            true,
            "libkqueue opens an epoll set, a pipe and an eventfd per kqueue but returns one number",
            "thePollersOwnDescriptorsAreEINVAL"),

    CLOSE_GOES_UNNOTICED(
            false,
            "libkqueue does not notice a close; while a dup is open, its epoll set still reports"
                    + " the closed number, from memory that EV_DELETE has freed",
            "aDupThatOutlivesTheClosedDescriptorIsSilent",
            "aDupOfAClosedFileNeverReportsForTheReusedNumber",
            "aReadyDupOfAClosedDescriptorDoesNotSpin"),

    EDGE_IS_OF_BOTH_FILTERS(
            true,
            "libkqueue has one epoll entry per descriptor: EV_CLEAR of one filter silences the"
                    + " level-triggered other one; seen only in random sequences");

    /** False if the case may crash the process. */
    final boolean isHarmless;

    final String reason;

    @SuppressWarnings("ImmutableEnumChecker") // always created by List.of
    final List<String> cases;

    LibkqueueQuirk(boolean isHarmless, String reason, String... cases) {
        this.isHarmless = isHarmless;
        this.reason = reason;
        this.cases = List.of(cases);
    }

    static Optional<LibkqueueQuirk> of(String contractCase) {
        return Arrays.stream(values()).filter(q -> q.cases.contains(contractCase)).findFirst();
    }
}
