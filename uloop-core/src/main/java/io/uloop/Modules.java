package io.uloop;

/** The modules that a runtime image may lack. */
final class Modules {
    /** Whether there is Flight Recorder; if not, none of its classes is touched. */
    static final boolean HAS_JFR = isPresent("jdk.jfr");

    private Modules() {}

    static boolean isPresent(String module) {
        return ModuleLayer.boot().findModule(module).isPresent();
    }
}
