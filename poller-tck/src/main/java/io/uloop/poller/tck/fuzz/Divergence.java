package io.uloop.poller.tck.fuzz;

/** Thrown when a backend violates the contract. */
final class Divergence extends AssertionError {
    private static final long serialVersionUID = 1L;

    /**
     * The rule of the contract, or another short name. Equal rules are treated as the same fault.
     */
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
