package io.uloop.poller.tck.fuzz;

/** A backend did what the contract does not allow. */
final class Divergence extends AssertionError {
    private static final long serialVersionUID = 1L;

    /** The rule of the contract, or another short name; equal ones are taken for one fault. */
    private final String rule;

    Divergence(String rule, String message) {
        super(rule + ": " + message);
        this.rule = rule;
    }

    Divergence(String rule, String message, Throwable cause) {
        super(rule + ": " + message, cause);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }
}
