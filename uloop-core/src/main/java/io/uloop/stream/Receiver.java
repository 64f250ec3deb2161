package io.uloop.stream;

import io.uloop.LoopTask;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Receives a stream of bytes. The interface that a program implements is in an exported package
 * above this one.
 *
 * @param received handles bytes
 * @param ended handles the end of the stream
 * @param failed handles the end of the stream after a failed read
 */
public record Receiver(Bytes received, LoopTask ended, Failure failed) {
    /** Handles bytes. */
    @FunctionalInterface
    public interface Bytes {
        /**
         * Handles bytes.
         *
         * @param bytes at least one byte, valid only during this call
         * @throws Exception any failure; the loop reports it
         */
        void received(ByteBuffer bytes) throws Exception;
    }

    /** Handles the failure of a read. */
    @FunctionalInterface
    public interface Failure {
        /**
         * Handles the failure of a read.
         *
         * @param failure the failure
         * @throws Exception any failure; the loop reports it
         */
        void failed(IOException failure) throws Exception;
    }
}
