package io.uloop.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Answers any request with the local date and time, as in {@code 2020-06-15 15:34:33.899256}. */
final class TimeReply implements Reply {
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    @Override
    public void replace(ByteBuffer buffer) {
        byte[] now =
                FORMAT.format(LocalDateTime.now(ZoneId.systemDefault()))
                        .getBytes(StandardCharsets.US_ASCII);
        buffer.clear().put(now).flip();
    }
}
