package io.uloop.poller.posix;

import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.socket.DatagramBatches;
import io.uloop.poller.posix.socket.DatagramMessages;
import io.uloop.poller.posix.socket.Datagrams;
import io.uloop.poller.posix.socket.Memberships;
import io.uloop.poller.posix.socket.Sockets;
import io.uloop.poller.spi.ActivityCounts;

/**
 * The operations on datagram sockets, which are created together when one of them is first used.
 * Thread-safe.
 */
final class DatagramOperations {
    final Datagrams datagrams;
    final DatagramBatches batches;
    final DatagramMessages messages;
    final Memberships memberships;

    DatagramOperations(
            DatagramBatches.Sender singly,
            Libc.Calls libc,
            Sockets sockets,
            ActivityCounts activity) {
        datagrams = new Datagrams(sockets, activity);
        batches = new DatagramBatches(singly, libc, Linux.CALLS, activity);
        messages = new DatagramMessages(libc, sockets, activity);
        memberships = new Memberships(libc, sockets);
    }
}
