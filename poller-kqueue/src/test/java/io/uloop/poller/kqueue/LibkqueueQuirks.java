package io.uloop.poller.kqueue;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * On a libkqueue, lets a case fail that a {@link LibkqueueQuirk} names, and says so. One that
 * passes nevertheless is an error: then the quirk is gone, or it was ours.
 */
final class LibkqueueQuirks implements InvocationInterceptor {
    @Override
    @SuppressWarnings("SystemOut") // the run is to show what it tolerates
    public void interceptTestMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        LibkqueueQuirk quirk =
                System.getProperty(KqueueSystem.LIBRARY_PROPERTY) == null
                        ? null
                        : LibkqueueQuirk.of(method.getExecutable().getName()).orElse(null);
        if (quirk == null) {
            invocation.proceed();
            return;
        }
        String words = quirk + ": " + quirk.reason;
        System.out.println("tolerated: " + context.getDisplayName() + ": " + words);
        if (!quirk.isHarmless) {
            invocation.skip();
            throw new TestAbortedException(words);
        }
        try {
            invocation.proceed();
        } catch (AssertionError e) {
            throw new TestAbortedException(words, e);
        }
        throw new AssertionError("passes in spite of " + quirk + ", which is to be taken away");
    }
}
