package io.uloop.poller.kqueue;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * Tolerates and prints the failure of contract cases that a {@link LibkqueueQuirk} names, on
 * libkqueue only. A case that passes nevertheless is an error: the quirk is gone, or was a bug of
 * Uloop.
 */
final class LibkqueueQuirks implements InvocationInterceptor {
    @Override
    @SuppressWarnings("SystemOut") // prints what it tolerates
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
        throw new AssertionError("passes in spite of " + quirk + ", so remove that quirk");
    }
}
