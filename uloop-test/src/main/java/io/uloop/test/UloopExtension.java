package io.uloop.test;

import io.uloop.Uloop;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.tck.Backends;
import io.uloop.poller.tck.Scene;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/**
 * Gives each test its own loop, for {@code @ExtendWith(UloopExtension.class)}.
 *
 * <p>The methods of a test may declare these parameters:
 *
 * <ul>
 *   <li>{@link Uloop}: a loop that is closed after the test;
 *   <li>{@link LoopScene}: sockets and pipes for that loop, closed after the test;
 *   <li>{@link FakeClock}: the clock of that loop, which then moves only when the test moves it.
 *       The test method declares it, or the method that is first to use the loop.
 * </ul>
 *
 * <p>After a test and its {@code @AfterEach} methods, the extension fails the test in these cases:
 *
 * <ul>
 *   <li>a callback of the loop threw an exception, unless {@link LoopScene#takeFailures} has
 *       returned it;
 *   <li>a socket, pipe or similar descriptor that was opened during the test stays open. The
 *       message names the line that opened it if that was done through {@link Uloop#descriptors},
 *       as all channels and sources of the loop do.
 * </ul>
 *
 * <p>The backend is the one of {@link Pollers#provider()}. Use {@link EachBackend} to run a test on
 * every backend.
 *
 * <p>Tests with this extension must not run in parallel within one JVM, because the check counts
 * the descriptors of the process. Thread-safe.
 *
 * @since 0.1
 */
public final class UloopExtension
        implements BeforeEachCallback,
                AfterEachCallback,
                ParameterResolver,
                TestTemplateInvocationContextProvider {
    private static final ExtensionContext.Namespace SPACE =
            ExtensionContext.Namespace.create(UloopExtension.class);
    private static final Set<Class<?>> TYPES =
            Set.of(Uloop.class, LoopScene.class, FakeClock.class);

    /** Creates the extension; called by JUnit. */
    public UloopExtension() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        PollerProvider backend = Pollers.provider();
        Scene.warmUp(backend);
        context.getStore(SPACE).put(TestLoop.class, new TestLoop(backend));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        of(context).end();
    }

    private static TestLoop of(ExtensionContext context) {
        return context.getStore(SPACE).get(TestLoop.class, TestLoop.class);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getDeclaringExecutable() instanceof Method
                && TYPES.contains(parameter.getParameter().getType())
                && of(context) != null;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestLoop test = of(context);
        LoopScene scene = scene(test, parameter.getDeclaringExecutable(), context);
        Class<?> type = parameter.getParameter().getType();
        if (type == FakeClock.class) {
            return test.clock();
        }
        return type == Uloop.class ? scene.loop() : scene;
    }

    private static LoopScene scene(TestLoop test, Executable first, ExtensionContext context) {
        boolean fakeTime = takesClock(first) || takesClock(context.getRequiredTestMethod());
        try {
            return test.scene(fakeTime);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the loop of the test", e);
        }
    }

    private static boolean takesClock(Executable method) {
        return Arrays.asList(method.getParameterTypes()).contains(FakeClock.class);
    }

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getRequiredTestMethod().isAnnotationPresent(EachBackend.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
            ExtensionContext context) {
        return Backends.usable().stream().map(OnBackend::new);
    }

    /** A run of a test on one backend. */
    private record OnBackend(PollerProvider backend) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return backend.name();
        }

        /** Selects the backend after {@link #beforeEach} and before the first parameter. */
        @Override
        public List<Extension> getAdditionalExtensions() {
            BeforeEachCallback select = context -> of(context).select(backend);
            return List.of(select);
        }
    }
}
