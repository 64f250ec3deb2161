package io.uloop.poller.posix.call;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Generates the class that implements an interface of functions. Each method passes its arguments
 * to {@link ForeignCalls}, with its function as a constant.
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

    private static final Type OBJECT = Type.getType(Object.class);
    private static final String CALLER = Type.getInternalName(ForeignCalls.class);

    private static final Handle FUNCTION_AT =
            new Handle(
                    Opcodes.H_INVOKESTATIC,
                    Type.getInternalName(MethodHandles.class),
                    "classDataAt",
                    "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;"
                            + "Ljava/lang/Class;I)Ljava/lang/Object;",
                    false);

    /** More than the JIT compiler inlines even if it is called often ({@code FreqInlineSize}). */
    private static final int PADDING_BYTES = 350;

    private final ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);

    private StubClass() {}

    /**
     * Implements an interface.
     *
     * @param calls a public interface in a package that is open to this module
     * @param methods its methods, of {@code int} and {@code long}
     * @param functions the function of each method, for {@link ForeignCalls}
     */
    static <T> T define(Class<T> calls, List<Method> methods, List<Object> functions) {
        try {
            MethodHandles.Lookup home =
                    MethodHandles.privateLookupIn(calls, MethodHandles.lookup());
            byte[] bytes = new StubClass().write(calls, methods);
            Class<?> defined =
                    home.defineHiddenClassWithClassData(bytes, functions, true).lookupClass();
            return calls.cast(defined.getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot implement " + calls, e);
        }
    }

    private byte[] write(Class<?> calls, List<Method> methods) {
        String parent = OBJECT.getInternalName();
        writer.visit(
                Opcodes.V17,
                Opcodes.ACC_FINAL | Opcodes.ACC_PUBLIC,
                Type.getInternalName(calls) + "Stubs",
                null,
                parent,
                new String[] {Type.getInternalName(calls)});
        MethodVisitor code = writer.visitMethod(Opcodes.ACC_PUBLIC, "<init>", "()V", null, null);
        code.visitCode();
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitMethodInsn(Opcodes.INVOKESPECIAL, parent, "<init>", "()V", false);
        code.visitInsn(Opcodes.RETURN);
        code.visitMaxs(0, 0);
        code.visitEnd();
        for (int i = 0; i < methods.size(); i++) {
            writeMethod(methods.get(i), i);
        }
        writer.visitEnd();
        return writer.toByteArray();
    }

    private void writeMethod(Method method, int index) {
        MethodVisitor code =
                writer.visitMethod(
                        Opcodes.ACC_PUBLIC,
                        method.getName(),
                        Type.getMethodDescriptor(method),
                        null,
                        null);
        code.visitCode();
        code.visitLdcInsn(new ConstantDynamic("_", OBJECT.getDescriptor(), FUNCTION_AT, index));
        int local = 1;
        for (Class<?> type : method.getParameterTypes()) {
            if (type == long.class) {
                code.visitVarInsn(Opcodes.LLOAD, local);
                local += 2;
            } else {
                code.visitVarInsn(Opcodes.ILOAD, local);
                code.visitInsn(Opcodes.I2L);
                local++;
            }
        }
        String caller = caller(method.getName());
        int arguments = caller.startsWith(VARIADIC_CALLER) ? 3 : 6;
        for (int i = method.getParameterCount(); i < arguments; i++) {
            code.visitInsn(Opcodes.LCONST_0);
        }
        code.visitMethodInsn(
                Opcodes.INVOKESTATIC,
                CALLER,
                caller,
                "(" + OBJECT.getDescriptor() + "J".repeat(arguments) + ")J",
                false);
        writeReturn(code, method.getReturnType());
        writePadding(code);
        code.visitMaxs(0, 0);
        code.visitEnd();
    }

    private static void writePadding(MethodVisitor code) {
        code.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        for (int i = 0; i < PADDING_BYTES; i++) {
            code.visitInsn(Opcodes.NOP);
        }
        code.visitInsn(Opcodes.ACONST_NULL);
        code.visitInsn(Opcodes.ATHROW);
    }

    private static String caller(String method) {
        if (FunctionName.isQuick(method)) {
            return "quickCall";
        }
        Integer fixed = VARIADIC.get(method);
        return fixed == null ? "call" : VARIADIC_CALLER + fixed;
    }

    private static void writeReturn(MethodVisitor code, Class<?> type) {
        if (type == long.class) {
            code.visitInsn(Opcodes.LRETURN);
        } else if (type == int.class) {
            code.visitInsn(Opcodes.L2I);
            code.visitInsn(Opcodes.IRETURN);
        } else {
            code.visitInsn(Opcodes.POP2);
            code.visitInsn(Opcodes.RETURN);
        }
    }
}
