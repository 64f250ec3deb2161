package io.uloop.poller.posix.call;

import java.lang.invoke.MethodHandles;

/**
 * Generates the implementation of {@link ForeignMethods}, whose methods only call the real ones. A
 * type is {@code I}, {@code J}, the internal name of a class, or the name of one in {@code
 * java.lang.foreign}, with a leading bracket for an array.
 */
final class ForeignMethodsClass {
    private static final String PACKAGE = "java/lang/foreign/";
    private static final String INTERFACE = ForeignMethods.class.getName().replace('.', '/');

    private static final String INT = "I";
    private static final String LONG = "J";
    private static final String STRING = "java/lang/String";

    private static final String ARENA = "Arena";
    private static final String FUNCTION = "FunctionDescriptor";
    private static final String LAYOUT = "MemoryLayout";
    private static final String LINKER = "Linker";
    private static final String LOOKUP = "SymbolLookup";
    private static final String OPTION = "Linker$Option";
    private static final String SEGMENT = "MemorySegment";

    private final ClassBytes bytes = new ClassBytes(INTERFACE + "Class", INTERFACE);

    private ForeignMethodsClass() {}

    /**
     * {@return an instance} Its methods throw a {@link LinkageError} if this JVM does not have the
     * real one.
     */
    static ForeignMethods newInstance() {
        try {
            return (ForeignMethods)
                    MethodHandles.lookup()
                            .defineHiddenClass(new ForeignMethodsClass().write(), true)
                            .lookupClass()
                            .getDeclaredConstructor()
                            .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e); // it has this constructor
        }
    }

    private byte[] write() {
        addStatic(LINKER, LINKER, "nativeLinker");
        add(LOOKUP, LINKER, "defaultLookup");
        add("java/lang/invoke/MethodHandle", LINKER, "downcallHandle", FUNCTION, "[" + OPTION);
        add("java/util/Map", LINKER, "canonicalLayouts");
        addStatic(OPTION, OPTION, "captureCallState", "[" + STRING);
        addStatic(OPTION, OPTION, "firstVariadicArg", INT);
        addStatic(FUNCTION, FUNCTION, "of", LAYOUT, "[" + LAYOUT);
        addStatic(LOOKUP, LOOKUP, "libraryLookup", "java/nio/file/Path", ARENA);
        add("java/util/Optional", LOOKUP, "find", STRING);
        addStatic(ARENA, ARENA, "global");
        addStatic(SEGMENT, SEGMENT, "ofAddress", LONG);
        addStatic(SEGMENT, SEGMENT, "ofBuffer", "java/nio/Buffer");
        add(SEGMENT, SEGMENT, "reinterpret", LONG);
        add("java/nio/ByteBuffer", SEGMENT, "asByteBuffer");
        add(LONG, SEGMENT, "address");
        return bytes.toByteArray();
    }

    private void addStatic(String result, String owner, String name, String... parameters) {
        StringBuilder own = new StringBuilder("(");
        ClassBytes.Code code = bytes.code();
        pass(code, own, 1, parameters);
        code.callStaticOfInterface(PACKAGE + owner, name, descriptor(result, parameters));
        finish(code, own, result, name);
    }

    private void add(String result, String owner, String name, String... parameters) {
        StringBuilder own = new StringBuilder("(");
        ClassBytes.Code code = bytes.code();
        int words = pass(code, own, pass(code, own, 1, owner), parameters) - 1;
        code.callInterface(PACKAGE + owner, name, descriptor(result, parameters), words);
        finish(code, own, result, name);
    }

    /**
     * Loads arguments and appends their types to the descriptor of our method.
     *
     * @param first the local variable of the first
     * @return the local variable behind them
     */
    private static int pass(
            ClassBytes.Code code, StringBuilder own, int first, String... parameters) {
        int local = first;
        for (String type : parameters) {
            own.append(ownType(type));
            if (type.equals(LONG)) {
                code.load(Opcode.LLOAD, local);
                local += 2;
            } else if (type.equals(INT)) {
                code.load(Opcode.ILOAD, local);
                local++;
            } else {
                String real = realType(type);
                code.load(Opcode.ALOAD, local)
                        .cast(real.startsWith("[") ? real : real.substring(1, real.length() - 1));
                local++;
            }
        }
        return local;
    }

    private void finish(ClassBytes.Code code, StringBuilder own, String result, String name) {
        code.instruction(result.equals(LONG) ? Opcode.LRETURN : Opcode.ARETURN);
        bytes.publicMethod(name, own.append(')').append(ownType(result)).toString(), code);
    }

    private static String descriptor(String result, String... parameters) {
        StringBuilder descriptor = new StringBuilder("(");
        for (String type : parameters) {
            descriptor.append(realType(type));
        }
        return descriptor.append(')').append(realType(result)).toString();
    }

    private static String realType(String type) {
        return type.startsWith("[")
                ? "[" + realType(type.substring(1))
                : type(type, PACKAGE.concat(type));
    }

    private static String ownType(String type) {
        return type.startsWith("[")
                ? "[" + ownType(type.substring(1))
                : type(type, ClassBytes.OBJECT);
    }

    /** Returns the descriptor of a type, with a class for those of the package. */
    private static String type(String type, String ofPackage) {
        if (type.equals(LONG) || type.equals(INT)) {
            return type;
        }
        return "L" + (type.indexOf('/') < 0 ? ofPackage : type) + ";";
    }
}
