package io.uloop.poller.kqueue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where libkqueue is no kqueue, and which cases of the contract it therefore cannot pass. */
enum LibkqueueQuirk {
    PENDING_ERROR_IS_TAKEN(
            true,
            "libkqueue reads SO_ERROR to fill in fflags, which clears it before the user sees it",
            "aConnectThatIsRefusedIsWritableAndHasTheError",
            "aDatagramIsReadableAlsoWhenEmptyAndARefusalIsWritable",
            "aResetIsReadable"),

    DESCRIPTORS_ARE_HIDDEN(
            true,
            "libkqueue opens an epoll set, a pipe and an eventfd per kqueue and tells one number",
            "thePollersOwnDescriptorsAreEINVAL"),

    CLOSE_GOES_UNNOTICED(
            false,
            "libkqueue is not told of a close; while a dup lives, its epoll set goes on reporting"
                    + " the closed number, by way of memory that EV_DELETE has freed",
            "aDupThatOutlivesTheClosedDescriptorIsSilent",
            "aDupThatOutlivesAReusedNumberNeverSpeaksForIt",
            "aClosedDescriptorWhoseDupStaysReadyCostsNoWaiting"),

    EDGE_IS_OF_BOTH_FILTERS(
            true,
            "libkqueue has one epoll entry per descriptor: EV_CLEAR of one filter silences the"
                    + " other by level; met by random sequences alone");

    /** False where a run may crash the process. */
    final boolean isHarmless;

    final String reason;

    @SuppressWarnings("ImmutableEnumChecker") // it is of List.of
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
