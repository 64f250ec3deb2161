package io.uloop.poller.posix.file;

import io.uloop.poller.LineSettings;
import io.uloop.poller.LineSettings.FlowControl;
import io.uloop.poller.LineSettings.Parity;
import io.uloop.poller.posix.file.TermiosLayout.Flag;
import java.nio.ByteBuffer;

/** One {@code struct termios} in memory. Not thread-safe. */
final class Termios {
    private static final int FEWEST_BITS = 5;

    private final TermiosLayout layout;
    private final ByteBuffer block;
    private final int start;

    /**
     * @param block memory in native byte order
     * @param start where the struct starts
     */
    Termios(TermiosLayout layout, ByteBuffer block, int start) {
        this.layout = layout;
        this.block = block;
        this.start = start;
    }

    byte[] bytes() {
        byte[] bytes = new byte[layout.bytes()];
        block.get(start, bytes);
        return bytes;
    }

    void set(byte[] bytes) {
        block.put(start, bytes);
    }

    void makeRaw() {
        change(
                layout.inputOffset(),
                flags(
                        Flag.IGNBRK,
                        Flag.BRKINT,
                        Flag.PARMRK,
                        Flag.ISTRIP,
                        Flag.INLCR,
                        Flag.IGNCR,
                        Flag.ICRNL,
                        Flag.IXON),
                0);
        change(layout.outputOffset(), flags(Flag.OPOST), 0);
        change(
                layout.localOffset(),
                flags(Flag.ECHO, Flag.ECHONL, Flag.ICANON, Flag.ISIG, Flag.IEXTEN),
                0);
        change(layout.controlFlagsOffset(), flags(Flag.CSIZE, Flag.PARENB), flags(Flag.CSIZE));
        block.put(start + layout.minimumOffset(), (byte) 1);
        block.put(start + layout.timeOffset(), (byte) 0);
    }

    void makeCooked() {
        change(
                layout.inputOffset(),
                flags(Flag.IGNBRK, Flag.INLCR, Flag.IGNCR),
                flags(Flag.BRKINT, Flag.ICRNL, Flag.IXON));
        change(layout.outputOffset(), 0, flags(Flag.OPOST, Flag.ONLCR));
        change(
                layout.localOffset(),
                0,
                flags(Flag.ISIG, Flag.ICANON, Flag.IEXTEN, Flag.ECHO, Flag.ECHOE, Flag.ECHOK));
    }

    LineSettings line() {
        return new LineSettings(
                (int) Math.max(1, speed()), dataBits(), parity(), stopBits(), flowControl());
    }

    /** Returns false if the system lacks the parity. */
    boolean setLine(LineSettings line) {
        boolean sticks = line.parity() == Parity.MARK || line.parity() == Parity.SPACE;
        if (sticks && layout.flag(Flag.CMSPAR) == TermiosLayout.NONE) {
            return false;
        }
        boolean odd = line.parity() == Parity.ODD || line.parity() == Parity.MARK;
        boolean software = line.flowControl() == FlowControl.SOFTWARE;
        change(
                layout.controlFlagsOffset(),
                flags(
                        Flag.CSIZE,
                        Flag.CSTOPB,
                        Flag.PARENB,
                        Flag.PARODD,
                        Flag.CMSPAR,
                        Flag.CRTSCTS,
                        Flag.CBAUD,
                        Flag.CIBAUD),
                flags(Flag.CREAD, Flag.CLOCAL)
                        | layout.speedCode(line.baud())
                        | (line.dataBits() - FEWEST_BITS) * layout.flag(Flag.CS6)
                        | when(line.stopBits() == 2, Flag.CSTOPB)
                        | when(line.parity() != Parity.NONE, Flag.PARENB)
                        | when(odd, Flag.PARODD)
                        | when(sticks, Flag.CMSPAR)
                        | when(line.flowControl() == FlowControl.HARDWARE, Flag.CRTSCTS));
        change(
                layout.inputOffset(),
                flags(Flag.IXON, Flag.IXOFF, Flag.INPCK),
                (software ? flags(Flag.IXON, Flag.IXOFF) : 0)
                        | when(line.parity() != Parity.NONE, Flag.INPCK));
        putWord(layout.speedOffset(), line.baud());
        putWord(layout.speedOffset() + layout.wordBytes(), line.baud());
        return true;
    }

    private long speed() {
        return word(layout.speedOffset() + layout.wordBytes());
    }

    private int dataBits() {
        return FEWEST_BITS + (int) (control(Flag.CSIZE) / layout.flag(Flag.CS6));
    }

    private int stopBits() {
        return control(Flag.CSTOPB) != 0 ? 2 : 1;
    }

    private Parity parity() {
        if (control(Flag.PARENB) == 0) {
            return Parity.NONE;
        }
        boolean odd = control(Flag.PARODD) != 0;
        if (control(Flag.CMSPAR) != 0) {
            return odd ? Parity.MARK : Parity.SPACE;
        }
        return odd ? Parity.ODD : Parity.EVEN;
    }

    private FlowControl flowControl() {
        if (control(Flag.CRTSCTS) != 0) {
            return FlowControl.HARDWARE;
        }
        return (word(layout.inputOffset()) & layout.flag(Flag.IXOFF)) != 0
                ? FlowControl.SOFTWARE
                : FlowControl.NONE;
    }

    private long control(Flag flag) {
        return word(layout.controlFlagsOffset()) & layout.flag(flag);
    }

    private long when(boolean condition, Flag flag) {
        return condition ? layout.flag(flag) : 0;
    }

    private long flags(Flag... flags) {
        long sum = 0;
        for (Flag flag : flags) {
            sum |= layout.flag(flag);
        }
        return sum;
    }

    private void change(int offset, long cleared, long set) {
        putWord(offset, (word(offset) & ~cleared) | set);
    }

    private long word(int offset) {
        return layout.wordBytes() == Long.BYTES
                ? block.getLong(start + offset)
                : Integer.toUnsignedLong(block.getInt(start + offset));
    }

    private void putWord(int offset, long value) {
        if (layout.wordBytes() == Long.BYTES) {
            block.putLong(start + offset, value);
        } else {
            block.putInt(start + offset, (int) value);
        }
    }
}
