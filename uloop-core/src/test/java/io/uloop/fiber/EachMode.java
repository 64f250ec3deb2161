package io.uloop.fiber;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs a test of {@link EachFiber} once per mode that this JVM supports. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(EachMode.Modes.class)
@interface EachMode {
    /** The modes to which the test is limited. */
    FiberMode[] value() default {FiberMode.LOOP, FiberMode.JDK, FiberMode.PLATFORM};

    /** Provides the modes. */
    final class Modes implements TestTemplateInvocationContextProvider {
        @Override
        public boolean supportsTestTemplate(ExtensionContext context) {
            return true;
        }

        @Override
        public boolean mayReturnZeroTestTemplateInvocationContexts(ExtensionContext context) {
            return true;
        }

        @Override
        public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
                ExtensionContext context) {
            FiberMode[] wanted =
                    context.getRequiredTestMethod().getAnnotation(EachMode.class).value();
            return Arrays.stream(wanted).filter(Modes::isSupported).map(Invocation::new);
        }

        static boolean isSupported(FiberMode mode) {
            return switch (mode) {
                case LOOP -> VirtualThreadFactory.whyNotScheduled() == null;
                case JDK -> VirtualThreadFactory.whyNotVirtual() == null;
                case PLATFORM -> true;
            };
        }
    }

    /** One run of a test. */
    record Invocation(FiberMode mode) implements TestTemplateInvocationContext, BeforeEachCallback {
        @Override
        public String getDisplayName(int index) {
            return mode.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public void beforeEach(ExtensionContext context) {
            ((EachFiber) context.getRequiredTestInstance()).mode = mode;
        }
    }
}
