package io.uloop.poller.posix.call;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Generates the class that implements an interface of functions. Each method passes its arguments
 * to {@link ForeignCalls}, with its function from a static final field, which the JIT compiler
 * treats as a constant.
 *
 * <p>Each method is too large for the JIT compiler to compile it into its callers, because of
 * unreachable code. Within a caller, the method handle may be beyond the depth to which the
 * compiler inlines. The call would then allocate the object by which the JDK passes the memory for
 * errno, see {@link ForeignCalls}.
 */
final class StubClass {
    /** How many arguments of the variadic functions are not variadic. */
    static final Map<String, Integer> VARIADIC =
            Map.of("fcntl", 2, "open", 2, "ioctl", 2, "syscall", 1);

    private static final String VARIADIC_CALLER = "callVariadicAfter";
    private static final String CALLER = internalName(ForeignCalls.class);
    private static final String FUNCTIONS = "[L" + ClassBytes.OBJECT + ";";
    private static final int MAX_ARGUMENTS = 6;

    /** More than the JIT compiler inlines even if it is called often ({@code FreqInlineSize}). */
    private static final int PADDING_BYTES = 350;

    private StubClass() {}

    /**
     * Implements an interface.
     *
     * @param calls a public interface in a package that is open to this module, whose methods have
     *     at most six arguments of {@code int} and {@code long}
     * @param find finds the function of a method, for {@link ForeignCalls}
     */
    static <T> T define(Class<T> calls, Function<String, Object> find) {
        try {
            MethodHandles.Lookup home =
                    MethodHandles.privateLookupIn(calls, MethodHandles.lookup());
            List<Object> functions = new ArrayList<>();
            byte[] bytes = write(calls, find, functions);
            Class<?> defined =
                    home.defineHiddenClassWithClassData(bytes, functions.toArray(), true)
                            .lookupClass();
            return calls.cast(defined.getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot implement " + calls, e);
        }
    }

    private static byte[] write(
            Class<?> calls, Function<String, Object> find, List<Object> functions) {
        ClassBytes bytes = new ClassBytes(internalName(calls) + "Stubs", internalName(calls));
        ClassBytes.Code initializer =
                bytes.code()
                        .call(
                                Opcode.INVOKESTATIC,
                                "java/lang/invoke/MethodHandles",
                                "lookup",
                                "()Ljava/lang/invoke/MethodHandles$Lookup;")
                        .pushString("_")
                        .pushClass(FUNCTIONS)
                        .call(
                                Opcode.INVOKESTATIC,
                                "java/lang/invoke/MethodHandles",
                                "classData",
                                "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;"
                                        + "Ljava/lang/Class;)Ljava/lang/Object;")
                        .cast(FUNCTIONS)
                        .load(Opcode.ASTORE, 0);
        for (Method method : calls.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers())) {
                String name = method.getName();
                bytes.constantField(name);
                initializer
                        .load(Opcode.ALOAD, 0)
                        .pushShort(functions.size())
                        .instruction(Opcode.AALOAD)
                        .field(Opcode.PUTSTATIC, name);
                functions.add(find.apply(FunctionName.of(name)));
                writeMethod(bytes, method);
            }
        }
        bytes.staticInitializer(initializer.instruction(Opcode.RETURN));
        return bytes.toByteArray();
    }

    private static void writeMethod(ClassBytes bytes, Method method) {
        String name = method.getName();
        StringBuilder descriptor = new StringBuilder("(");
        ClassBytes.Code code = bytes.code().field(Opcode.GETSTATIC, name);
        int local = 1;
        for (Class<?> type : method.getParameterTypes()) {
            descriptor.append(type.descriptorString());
            if (type == long.class) {
                code.load(Opcode.LLOAD, local);
                local += 2;
            } else {
                code.load(Opcode.ILOAD, local).instruction(Opcode.I2L);
                local++;
            }
        }
        String caller = caller(name);
        int arguments = caller.startsWith(VARIADIC_CALLER) ? 3 : MAX_ARGUMENTS;
        for (int i = method.getParameterCount(); i < arguments; i++) {
            code.instruction(Opcode.LCONST_0);
        }
        code.call(
                Opcode.INVOKESTATIC,
                CALLER,
                caller,
                "(L" + ClassBytes.OBJECT + ";" + "J".repeat(arguments) + ")J");
        Class<?> result = method.getReturnType();
        writeReturn(code, result);
        code.unreachable(PADDING_BYTES);
        descriptor.append(')').append(result.descriptorString());
        bytes.publicMethod(name, descriptor.toString(), code);
    }

    private static String caller(String method) {
        if (FunctionName.isQuick(method)) {
            return "quickCall";
        }
        Integer fixed = VARIADIC.get(method);
        return fixed == null ? "call" : VARIADIC_CALLER + fixed;
    }

    private static void writeReturn(ClassBytes.Code code, Class<?> type) {
        if (type == long.class) {
            code.instruction(Opcode.LRETURN);
        } else if (type == int.class) {
            code.instruction(Opcode.L2I).instruction(Opcode.IRETURN);
        } else {
            code.instruction(Opcode.POP2).instruction(Opcode.RETURN);
        }
    }

    private static String internalName(Class<?> type) {
        return type.getName().replace('.', '/');
    }
}
