package io.uloop.poller.tck.fuzz;

/** A descriptor of a script, open or closed. */
final class Handle {
    final int name;
    final int fd;
    final End end;
    private boolean open = true;

    Handle(int name, int fd, End end) {
        this.name = name;
        this.fd = fd;
        this.end = end;
        end.held();
    }

    boolean isOpen() {
        return open;
    }

    /** Closes the descriptor in the model. */
    void close() {
        open = false;
        if (end.released()) {
            end.close();
        }
    }

    @Override
    public String toString() {
        return Step.name(name) + " (" + end.kind + ", fd " + fd + ')';
    }
}
