package io.uloop.observe;

/** The modules that a runtime image may lack. */
public final class Modules {
    /** Whether Flight Recorder is present. If not, none of its classes may be loaded. */
    public static final boolean HAS_JFR = isPresent("jdk.jfr");

    private Modules() {}

    /**
     * {@return whether the runtime image has a module}
     *
     * @param module its name
     */
    public static boolean isPresent(String module) {
        return ModuleLayer.boot().findModule(module).isPresent();
    }
}
