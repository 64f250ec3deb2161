package io.uloop.poller.posix;

import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.file.FileTransfers;
import io.uloop.poller.posix.file.Opener;
import io.uloop.poller.posix.file.PseudoTerminals;
import io.uloop.poller.posix.file.Terminals;
import io.uloop.poller.posix.file.Transfers;
import io.uloop.poller.posix.socket.DescriptorPassing;
import io.uloop.poller.posix.socket.FlaggedTransfers;
import io.uloop.poller.posix.socket.PeerCredentialOptions;
import io.uloop.poller.posix.socket.Sockets;
import io.uloop.poller.spi.ActivityCounts;

/**
 * Operations that few programs use, which are created together when one of them is first used.
 * Thread-safe.
 */
final class RareOperations {
    final DescriptorPassing passing;
    final FileTransfers files;
    final FlaggedTransfers flagged;
    final PeerCredentialOptions peers;
    final PseudoTerminals pseudoTerminals;
    final Terminals terminals;

    RareOperations(
            Libc.Calls libc,
            boolean linux,
            Opener opener,
            Sockets sockets,
            Transfers transfers,
            ActivityCounts activity) {
        passing = new DescriptorPassing(libc, opener, sockets, transfers, activity, linux);
        files = new FileTransfers(transfers, Linux.CALLS, linux, activity);
        flagged = new FlaggedTransfers(libc, transfers, activity);
        peers = new PeerCredentialOptions(libc, sockets);
        pseudoTerminals = new PseudoTerminals(libc, opener, linux);
        terminals = new Terminals(libc);
    }
}
