package io.uloop.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Formats lines as {@code 2020-06-15 15:34:28,692 - Uloop.ClientHandler.read - INFO - ...} */
final class LogFormat extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss,SSS", Locale.ROOT);

    /** Logs records of at least this level to standard error, and nowhere else. */
    static void install(Level level) {
        LogManager.getLogManager().reset();
        Handler handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new LogFormat());
        Logger root = Logger.getLogger("");
        root.setLevel(level);
        root.addHandler(handler);
    }

    @Override
    public String format(LogRecord record) {
        LocalDateTime time = LocalDateTime.ofInstant(record.getInstant(), ZoneId.systemDefault());
        StringWriter line = new StringWriter();
        PrintWriter out = new PrintWriter(line);
        out.print(TIME.format(time));
        out.print(" - ");
        out.print(record.getLoggerName());
        out.print(" - ");
        out.print(name(record.getLevel()));
        out.print(" - ");
        out.println(formatMessage(record));
        if (record.getThrown() != null) {
            record.getThrown().printStackTrace(out);
        }
        return line.toString();
    }

    private static String name(Level level) {
        return level.equals(Level.SEVERE) ? "ERROR" : level.getName();
    }
}
