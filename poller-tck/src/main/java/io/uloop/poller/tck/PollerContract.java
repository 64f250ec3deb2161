package io.uloop.poller.tck;

import io.uloop.poller.PollerProvider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The contract that every poller keeps, as test cases. A backend proves itself by a subclass:
 *
 * <pre>{@code
 * final class EpollContractTest extends PollerContract {
 *     @Override
 *     protected PollerProvider provider() {
 *         return new EpollProvider();
 *     }
 * }
 * }</pre>
 *
 * <p>A case that a backend cannot have, because a mode or an event is not among its {@link
 * PollerProvider#supportedEvents} or its {@link PollerProvider#descriptors} have no such file, is
 * skipped with the reason. A backend that is not usable on this machine skips all of them.
 *
 * <p>The outcomes are written to the file {@code NAME.tsv}, by the provider's name, in the
 * directory that the system property {@value CaseResults#PROPERTY} names, {@value
 * CaseResults#DEFAULT_DIRECTORY} by default; {@link ContractTable} reads them.
 *
 * <p>The cases count the process's open files, so nothing else may run beside them. Each runs on a
 * thread of its own and is given up after five minutes, also where a poller heeds no interrupt.
 */
@ExtendWith(CaseResults.class)
@DisplayNameGeneration(CaseSentences.class)
@Isolated("counts the open files of the process")
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("exports") // the two extensions are for JUnit, not for subclasses
public abstract class PollerContract {
    /** Called once per case. */
    protected PollerContract() {}

    /**
     * The backend that is to keep the contract.
     *
     * @return a provider, usable here or not
     */
    protected abstract PollerProvider provider();

    @Nested
    final class Registration extends RegistrationCases {
        Registration() {
            super(PollerContract.this);
        }
    }

    @Nested
    final class Kinds extends KindCases {
        Kinds() {
            super(PollerContract.this);
        }
    }

    @Nested
    final class Close extends CloseCases {
        Close() {
            super(PollerContract.this);
        }
    }

    @Nested
    final class Modes extends ModeCases {
        Modes() {
            super(PollerContract.this);
        }
    }

    @Nested
    final class Waiting extends WaitingCases {
        Waiting() {
            super(PollerContract.this);
        }
    }

    @Nested
    final class Wakeup extends WakeupCases {
        Wakeup() {
            super(PollerContract.this);
        }
    }

    @Nested
    final class Batch extends BatchCases {
        Batch() {
            super(PollerContract.this);
        }
    }

    @Nested
    final class Lifecycle extends LifecycleCases {
        Lifecycle() {
            super(PollerContract.this);
        }
    }
}
