package io.uloop.poller.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Records the outcome of each case immediately, so that an aborted run is recognized as incomplete.
 */
final class CaseResults implements BeforeEachCallback, TestWatcher {
    static final String PROPERTY = "uloop.tck.results";
    static final String DEFAULT_DIRECTORY = "target/tck";
    static final String SUFFIX = ".tsv";

    private static final Namespace NAMESPACE = Namespace.create(CaseResults.class);

    /** Stores the backend's name, as the instance is gone when the outcome is known. */
    @Override
    public void beforeEach(ExtensionContext context) {
        context.getRequiredTestInstances()
                .findInstance(PollerContract.class)
                .ifPresent(
                        contract ->
                                context.getStore(NAMESPACE)
                                        .put("backend", contract.provider().name()));
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        write(context, Outcome.PASSED, null);
    }

    @Override
    public void testAborted(ExtensionContext context, Throwable cause) {
        write(context, Outcome.SKIPPED, cause.getMessage());
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        write(context, Outcome.SKIPPED, reason.orElse("disabled"));
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        write(context, Outcome.FAILED, cause.toString());
    }

    private static void write(ExtensionContext context, Outcome outcome, @Nullable String reason) {
        String backend = context.getStore(NAMESPACE).get("backend", String.class);
        Optional<Case> number =
                AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Case.class);
        if (backend == null || number.isEmpty()) {
            return; // not a case, or no backend
        }
        String line = new CaseResult(number.get().value(), outcome, reason).toLine();
        Store run = context.getRoot().getStore(NAMESPACE);
        try {
            Path file = run.getOrComputeIfAbsent(backend, CaseResults::emptyFile, Path.class);
            Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates the file, or empties that of an earlier run. */
    private static Path emptyFile(String backend) {
        try {
            Path directory = Path.of(System.getProperty(PROPERTY, DEFAULT_DIRECTORY));
            Files.createDirectories(directory);
            CaseList.write(directory);
            return Files.writeString(directory.resolve(backend + SUFFIX), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
