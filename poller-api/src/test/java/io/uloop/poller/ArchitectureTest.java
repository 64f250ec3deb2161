package io.uloop.poller;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String API = "io.uloop.poller";

    private final JavaClasses classes = new ClassFileImporter().importPackages(API);

    @Test
    void apiDoesNotUseItsSpi() {
        noClasses()
                .that()
                .resideInAPackage(API)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..spi..")
                .check(classes);
    }
}
