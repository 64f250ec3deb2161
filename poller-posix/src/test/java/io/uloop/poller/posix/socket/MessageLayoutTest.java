package io.uloop.poller.posix.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checks every system's layout byte by byte. Other tests check this system's layout against its
 * kernel.
 */
final class MessageLayoutTest {
    private static final int AT = 8; // not 0, to check that offsets are added

    private final ByteBuffer block = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);

    private static MessageLayout layout(String system) {
        return new MessageLayout(!system.equals("linux"), system.equals("macos"));
    }

    @ParameterizedTest
    @CsvSource({"linux,8,48", "bsd,4,44", "macos,4,44"})
    void headerFieldsAreInPlace(String system, int lengthBytes, int flags) {
        for (int i = 0; i < block.capacity(); i++) {
            block.put(i, (byte) -1);
        }
        MessageLayout layout = layout(system);
        layout.putHeader(block, AT, 11, 22, 33, 44);
        layout.setNameLength(block, AT, 55);
        layout.setControlLength(block, AT, 66);
        assertThat(block.getLong(AT)).isEqualTo(11);
        assertThat(block.getInt(AT + 8)).isEqualTo(55);
        assertThat(block.getLong(AT + 16)).isEqualTo(22);
        assertThat(block.getLong(AT + 24)).isEqualTo(33);
        assertThat(block.getLong(AT + 32)).isEqualTo(44);
        assertThat(lengthBytes == 8 ? block.getLong(AT + 40) : block.getInt(AT + 40)).isEqualTo(66);
        assertThat(layout.nameLength(block, AT)).isEqualTo(55);
        assertThat(layout.controlLength(block, AT)).isEqualTo(66);
        assertThat(layout.flags(block, AT)).isZero();
        block.putInt(AT + flags, 77);
        assertThat(layout.flags(block, AT)).isEqualTo(77);
        assertThat(layout.controlLength(block, AT)).isEqualTo(66);
        assertThat(block.get(AT + MessageLayout.HEADER_BYTES)).isEqualTo((byte) -1);
    }

    @ParameterizedTest
    @CsvSource({"linux,8,12,16,24,24,32", "bsd,4,8,16,24,24,32", "macos,4,8,12,16,20,24"})
    void controlFieldsAreInPlace(
            String system, int level, int type, int data, int four, int eight, int twelve) {
        MessageLayout layout = layout(system);
        layout.putControl(block, AT, 11, 22, 8);
        assertThat(block.getInt(AT)).isEqualTo(data + 8);
        assertThat(block.getInt(AT + level)).isEqualTo(11);
        assertThat(block.getInt(AT + type)).isEqualTo(22);
        assertThat(layout.controlData(AT)).isEqualTo(AT + data);
        assertThat(layout.controlBytes(block, AT)).isEqualTo(8);
        assertThat(layout.isControl(block, AT, 11, 22)).isTrue();
        assertThat(layout.isControl(block, AT, 22, 11)).isFalse();
        assertThat(layout.controlSpace(4)).isEqualTo(four);
        assertThat(layout.controlSpace(8)).isEqualTo(eight);
        assertThat(layout.controlSpace(12)).isEqualTo(twelve);
    }

    @Test
    void nativeLayoutIsThisSystems() {
        int data = MessageLayout.NATIVE.controlData(0);
        boolean macos = System.getProperty("os.name").startsWith("Mac");
        assertThat(data).isEqualTo(macos ? 12 : 16);
    }
}
