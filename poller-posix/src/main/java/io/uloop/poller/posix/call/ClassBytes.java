package io.uloop.poller.posix.call;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes a class without branches, in the format of chapter 4 of the JVM specification. To load a
 * library for this takes longer than to write and load all classes that are needed. Not
 * thread-safe.
 */
final class ClassBytes {
    static final String OBJECT = "java/lang/Object";

    private static final String CONSTRUCTOR = "<init>";

    private static final int MAGIC = 0xCAFEBABE;
    private static final int JAVA_17 = 61;
    private static final int PUBLIC = 1;
    private static final int STATIC = 8;
    private static final int PRIVATE_STATIC_FINAL = 0x1A;
    private static final int PUBLIC_FINAL_SUPER = 0x31;

    private static final int CONSTANT_UTF8 = 1;
    private static final int CONSTANT_CLASS = 7;
    private static final int CONSTANT_STRING = 8;
    private static final int CONSTANT_FIELD = 9;
    private static final int CONSTANT_METHOD = 10;
    private static final int CONSTANT_INTERFACE_METHOD = 11;
    private static final int CONSTANT_NAME_AND_TYPE = 12;

    /** Enough for six {@code long} and some references, which is more than any method needs. */
    private static final int MAX_STACK_OR_LOCALS = 16;

    private static final int CODE_HEADER = 8;
    private static final int CODE_TRAILER = 4;
    private static final int ATTRIBUTE_HEADER = 6;

    /** The frame of a method's start, at an instruction that no other one leads to. */
    private static final int SAME_FRAME_EXTENDED = 251;

    private static final int FRAME_TABLE = 5;

    private final int thisClass;
    private final int interfaceClass;
    private final String name;
    private final Bytes pool = new Bytes();
    private final Bytes fields = new Bytes();
    private final Bytes methods = new Bytes();
    private final Map<String, Integer> constants = new HashMap<>();
    private int constantCount = 1;
    private int fieldCount;
    private int methodCount;

    /** Bytes in big-endian order. */
    private static final class Bytes {
        byte[] array = new byte[1024];
        int size;

        void u1(int value) {
            if (size == array.length) {
                array = Arrays.copyOf(array, 2 * size);
            }
            array[size++] = (byte) value;
        }

        void u2(int value) {
            u1(value >> 8);
            u1(value);
        }

        void u4(int value) {
            u2(value >> 16);
            u2(value);
        }

        void all(byte[] source, int count) {
            if (array.length - size < count) {
                array = Arrays.copyOf(array, Math.max(2 * array.length, size + count));
            }
            System.arraycopy(source, 0, array, size, count);
            size += count;
        }

        void all(Bytes source) {
            all(source.array, source.size);
        }
    }

    /** The instructions of a method. A method that ends in the middle has a frame there. */
    final class Code {
        private final Bytes bytes = new Bytes();
        private int frame = -1;

        Code instruction(int opcode) {
            bytes.u1(opcode);
            return this;
        }

        Code load(int opcode, int local) {
            bytes.u1(opcode);
            bytes.u1(local);
            return this;
        }

        Code pushShort(int value) {
            bytes.u1(Opcode.SIPUSH);
            bytes.u2(value);
            return this;
        }

        Code pushString(String value) {
            return withConstant(Opcode.LDC_W, constant(CONSTANT_STRING, value));
        }

        Code pushClass(String type) {
            return withConstant(Opcode.LDC_W, classConstant(type));
        }

        Code cast(String type) {
            return withConstant(Opcode.CHECKCAST, classConstant(type));
        }

        Code field(int opcode, String field) {
            return withConstant(opcode, member(CONSTANT_FIELD, name, field, "L" + OBJECT + ";"));
        }

        /** Calls a method of a class. */
        Code call(int opcode, String owner, String method, String descriptor) {
            return withConstant(opcode, member(CONSTANT_METHOD, owner, method, descriptor));
        }

        Code callStaticOfInterface(String owner, String method, String descriptor) {
            return withConstant(
                    Opcode.INVOKESTATIC,
                    member(CONSTANT_INTERFACE_METHOD, owner, method, descriptor));
        }

        /**
         * Calls a method of an interface.
         *
         * @param words how many words of the stack the receiver and the arguments take
         */
        Code callInterface(String owner, String method, String descriptor, int words) {
            withConstant(
                    Opcode.INVOKEINTERFACE,
                    member(CONSTANT_INTERFACE_METHOD, owner, method, descriptor));
            bytes.u1(words);
            bytes.u1(0);
            return this;
        }

        /** Appends a number of instructions that do nothing and that no other one leads to. */
        Code unreachable(int count) {
            frame = bytes.size;
            bytes.all(new byte[count], count); // NOP is 0
            return instruction(Opcode.ACONST_NULL).instruction(Opcode.ATHROW);
        }

        private Code withConstant(int opcode, int constant) {
            bytes.u1(opcode);
            bytes.u2(constant);
            return this;
        }
    }

    /**
     * Starts a public class with a constructor without arguments.
     *
     * @param name its internal name, as all names here
     * @param implemented the interface that it implements
     */
    ClassBytes(String name, String implemented) {
        this.name = name;
        thisClass = classConstant(name);
        interfaceClass = classConstant(implemented);
        method(
                PUBLIC,
                CONSTRUCTOR,
                "()V",
                code().load(Opcode.ALOAD, 0)
                        .call(Opcode.INVOKESPECIAL, OBJECT, CONSTRUCTOR, "()V")
                        .instruction(Opcode.RETURN));
    }

    Code code() {
        return new Code();
    }

    /** Adds a static final field of type {@code Object}. */
    void constantField(String field) {
        fields.u2(PRIVATE_STATIC_FINAL);
        fields.u2(utf8(field));
        fields.u2(utf8("L" + OBJECT + ";"));
        fields.u2(0);
        fieldCount++;
    }

    void publicMethod(String method, String descriptor, Code code) {
        method(PUBLIC, method, descriptor, code);
    }

    void staticInitializer(Code code) {
        method(STATIC, "<clinit>", "()V", code);
    }

    private void method(int access, String method, String descriptor, Code code) {
        int frames = code.frame < 0 ? 0 : 1;
        methods.u2(access);
        methods.u2(utf8(method));
        methods.u2(utf8(descriptor));
        methods.u2(1);
        methods.u2(utf8("Code"));
        methods.u4(
                CODE_HEADER
                        + code.bytes.size
                        + CODE_TRAILER
                        + frames * (ATTRIBUTE_HEADER + FRAME_TABLE));
        methods.u2(MAX_STACK_OR_LOCALS);
        methods.u2(MAX_STACK_OR_LOCALS);
        methods.u4(code.bytes.size);
        methods.all(code.bytes);
        methods.u2(0); // no exception handlers
        methods.u2(frames);
        if (frames > 0) {
            methods.u2(utf8("StackMapTable"));
            methods.u4(FRAME_TABLE);
            methods.u2(1);
            methods.u1(SAME_FRAME_EXTENDED);
            methods.u2(code.frame);
        }
        methodCount++;
    }

    byte[] toByteArray() {
        int parent = classConstant(OBJECT);
        Bytes all = new Bytes();
        all.u4(MAGIC);
        all.u4(JAVA_17);
        all.u2(constantCount);
        all.all(pool);
        all.u2(PUBLIC_FINAL_SUPER);
        all.u2(thisClass);
        all.u2(parent);
        all.u2(1);
        all.u2(interfaceClass);
        all.u2(fieldCount);
        all.all(fields);
        all.u2(methodCount);
        all.all(methods);
        all.u2(0); // no attributes
        return Arrays.copyOf(all.array, all.size);
    }

    private int utf8(String value) {
        Integer known = constants.get(value);
        if (known != null) {
            return known;
        }
        byte[] text = value.getBytes(StandardCharsets.US_ASCII);
        pool.u1(CONSTANT_UTF8);
        pool.u2(text.length);
        pool.all(text, text.length);
        return added(value);
    }

    private int classConstant(String type) {
        return constant(CONSTANT_CLASS, type);
    }

    private int constant(int tag, String value) {
        String key = tag + ":" + value;
        Integer known = constants.get(key);
        if (known != null) {
            return known;
        }
        int text = utf8(value);
        pool.u1(tag);
        pool.u2(text);
        return added(key);
    }

    private int member(int tag, String owner, String member, String descriptor) {
        String key = tag + ":" + owner + "." + member + ":" + descriptor;
        Integer known = constants.get(key);
        return known != null
                ? known
                : pair(tag, classConstant(owner), nameAndType(member, descriptor), key);
    }

    private int nameAndType(String member, String descriptor) {
        String key = CONSTANT_NAME_AND_TYPE + ":" + member + ":" + descriptor;
        Integer known = constants.get(key);
        return known != null
                ? known
                : pair(CONSTANT_NAME_AND_TYPE, utf8(member), utf8(descriptor), key);
    }

    private int pair(int tag, int first, int second, String key) {
        pool.u1(tag);
        pool.u2(first);
        pool.u2(second);
        return added(key);
    }

    private int added(String key) {
        constants.put(key, constantCount);
        return constantCount++;
    }
}
