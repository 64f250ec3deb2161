package io.uloop.poller.posix.call;

/** The instructions of the JVM that {@link ClassBytes} needs. */
final class Opcode {
    static final int ACONST_NULL = 0x01;
    static final int LCONST_0 = 0x09;
    static final int SIPUSH = 0x11;
    static final int LDC_W = 0x13;
    static final int ILOAD = 0x15;
    static final int LLOAD = 0x16;
    static final int ALOAD = 0x19;
    static final int AALOAD = 0x32;
    static final int ASTORE = 0x3A;
    static final int POP2 = 0x58;
    static final int I2L = 0x85;
    static final int L2I = 0x88;
    static final int IRETURN = 0xAC;
    static final int LRETURN = 0xAD;
    static final int ARETURN = 0xB0;
    static final int RETURN = 0xB1;
    static final int GETSTATIC = 0xB2;
    static final int PUTSTATIC = 0xB3;
    static final int INVOKESPECIAL = 0xB7;
    static final int INVOKESTATIC = 0xB8;
    static final int INVOKEINTERFACE = 0xB9;
    static final int ATHROW = 0xBF;
    static final int CHECKCAST = 0xC0;

    private Opcode() {}
}
