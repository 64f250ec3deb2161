package io.uloop;

/** The modules that a runtime image may lack. */
final class Modules {
    /** Whether Flight Recorder is present. If not, none of its classes may be loaded. */
    static final boolean HAS_JFR = isPresent("jdk.jfr");

    private Modules() {}

    static boolean isPresent(String module) {
        return ModuleLayer.boot().findModule(module).isPresent();
    }
}
