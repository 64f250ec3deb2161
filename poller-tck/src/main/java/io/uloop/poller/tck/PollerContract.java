package io.uloop.poller.tck;

import io.uloop.poller.PollerProvider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The contract of every poller as test cases. To test a backend, write a subclass:
 *
 * <pre>{@code
 * class EpollContractTest extends PollerContract {
 *     @Override
 *     protected PollerProvider provider() {
 *         return new EpollProvider();
 *     }
 * }
 * }</pre>
 *
 * <p>A case is skipped, with the reason, if {@link PollerProvider#supportedEvents} lacks its mode
 * or event, or if {@link PollerProvider#descriptors} cannot open its kind of file. If the backend
 * is not usable on this machine, all cases are skipped.
 *
 * <p>The outcomes are written to {@code NAME.tsv}, where {@code NAME} is the provider's name, in
 * the directory given by the system property {@value CaseResults#PROPERTY} (default: {@value
 * CaseResults#DEFAULT_DIRECTORY}). {@link ContractTable} prints them.
 *
 * <p>The cases count the open files of the process, so no other tests may run at the same time.
 * Each case runs on a separate thread and fails after five minutes, even if the poller ignores
 * interrupts.
 *
 * @since 0.1
 */
@ExtendWith(CaseResults.class)
@DisplayNameGeneration(CaseSentences.class)
@Isolated("counts the open files of the process")
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("exports") // the extensions are for JUnit, not for subclasses
public abstract class PollerContract {
    /** Called by JUnit once per case. */
    protected PollerContract() {}

    /**
     * Returns the backend to test.
     *
     * @return a provider, whether usable here or not
     */
    protected abstract PollerProvider provider();

    @Nested
    final class Registration extends RegistrationCases {
        Registration() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class Kinds extends KindCases {
        Kinds() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class Close extends CloseCases {
        Close() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class Modes extends ModeCases {
        Modes() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class Waiting extends WaitingCases {
        Waiting() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class Wakeup extends WakeupCases {
        Wakeup() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class Batch extends BatchCases {
        Batch() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class Lifecycle extends LifecycleCases {
        Lifecycle() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class IO extends DescriptorCases {
        IO() {
            super(PollerContract.this::provider);
        }
    }

    @Nested
    final class Nesting extends NestingCases {
        Nesting() {
            super(PollerContract.this::provider);
        }
    }
}
