"""Attacks an echo server on loopback while an honest client uses it.

usage: siege.py PORT CLIENTS [--tls] [--pid PID] [--batch N] [--hold SECONDS] [--allowed SECONDS]

There are four kinds of hostile clients, a quarter each: they send 64 KiB that are not a TLS record, send
the first 6 bytes of a TLS record, send nothing, or send 4 MiB without reading (over TLS after a
handshake). They connect in batches of N and stay for --hold seconds.
During and after the attack, the honest client sends a line every second over a connection that it keeps
and over a new one. Each line must come back within --allowed seconds (default: 2).
Prints a summary in one line. Exits with a nonzero status if the honest client was not served.
With --pid it also checks that the server's socket count returns to its initial value.
"""

import argparse
import os
import resource
import socket
import ssl
import sys
import threading
import time

KINDS = ("garbage", "half", "silent", "noread")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("clients", type=int)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--pid", type=int)
    parser.add_argument("--batch", type=int, default=2500)
    parser.add_argument("--hold", type=float, default=5)
    parser.add_argument("--allowed", type=float, default=2)
    return parser.parse_args()


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class HonestClient(threading.Thread):
    """Uses the server once a second until it is stopped."""

    def __init__(self, port, context, allowed):
        super().__init__(daemon=True)
        self.port = port
        self.context = context
        self.allowed = allowed
        self.stopping = threading.Event()
        self.kept = None
        self.slowest = 0.0
        self.rounds = 0
        self.failures = []

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), 30)
        return self.context.wrap_socket(plain) if self.context else plain

    def exchange(self, connection):
        line = b"round %d\n" % self.rounds
        connection.sendall(line)
        answer = b""
        while len(answer) < len(line):
            part = connection.recv(100)
            if not part:
                raise OSError("the server closed the connection")
            answer += part
        if answer != line:
            raise OSError(f"sent {line!r}, got {answer!r}")

    def timed(self, what, action):
        start = time.monotonic()
        try:
            action()
        except OSError as failure:
            self.failures.append(f"{what}: {failure}")
            return False
        taken = time.monotonic() - start
        self.slowest = max(self.slowest, taken)
        if taken > self.allowed:
            self.failures.append(f"{what}: took {taken:.1f} s")
        return True

    def use_kept(self):
        if self.kept is None:
            self.kept = self.connect()
        self.exchange(self.kept)

    def use_new(self):
        with self.connect() as connection:
            self.exchange(connection)

    def round(self):
        self.rounds += 1
        if not self.timed("kept connection", self.use_kept):
            self.kept = None
        self.timed("new connection", self.use_new)

    def run(self):
        while not self.stopping.is_set():
            self.round()
            self.stopping.wait(1)

    def stop(self):
        self.stopping.set()
        self.join()
        for _ in range(3):
            self.round()
        if self.kept:
            self.kept.close()


def attack(kind, port, context):
    """Returns a connected hostile client, or None if the server refuses it."""
    try:
        client = socket.create_connection(("127.0.0.1", port), 5)
        if kind == "noread" and context:
            client = context.wrap_socket(client)
        client.setblocking(False)
        if kind == "garbage":
            client.send(b"\0\1\2\3\4" + b"x" * 65531)
        elif kind == "half":
            client.send(bytes.fromhex("160301400001"))
        elif kind == "noread":
            rest = memoryview(b"x" * (4 << 20))
            for _ in range(64):
                rest = rest[client.send(rest[:65536]):]
        return client
    except (BlockingIOError, ssl.SSLWantWriteError):
        return client  # the server accepts no more
    except OSError:
        return None


def close_all(held):
    for client in held:
        try:
            client.close()
        except OSError:
            pass


def sockets(pid):
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            count += os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:")
        except OSError:
            pass  # closed since it was listed
    return count


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    return 0


def main():
    options = parse()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    context = tls_context() if options.tls else None
    before = sockets(options.pid) if options.pid else 0
    honest = HonestClient(options.port, context, options.allowed)
    honest.start()
    most = came = refused = 0
    peak_mib = 0
    while came < options.clients:
        held = []
        for _ in range(min(options.batch, options.clients - came)):
            client = attack(KINDS[came % len(KINDS)], options.port, context)
            came += 1
            if client is None:
                refused += 1
            else:
                held.append(client)
        end = time.monotonic() + options.hold
        while time.monotonic() < end:
            if options.pid:
                most = max(most, sockets(options.pid))
                peak_mib = max(peak_mib, resident_mib(options.pid))
            time.sleep(0.2)
        close_all(held)
    honest.stop()
    failures = list(honest.failures)
    after = 0
    if options.pid:
        deadline = time.monotonic() + 120
        after = sockets(options.pid)
        while after > before and time.monotonic() < deadline:
            time.sleep(0.2)
            after = sockets(options.pid)
        if after > before:
            failures.append(f"{after} sockets are open, {before} at the start")
    print(f"{came} clients, {refused} refused, honest rounds {honest.rounds}, "
          f"slowest {honest.slowest:.3f} s, sockets {before}/{most}/{after}, {peak_mib} MiB")
    for failure in failures[:20]:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
