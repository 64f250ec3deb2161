/* What the load generators share: the clock, the histogram of latencies, and the dialog. */
#ifndef LOAD_H
#define LOAD_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, PATIENCE_SECONDS = 10 };
enum { STEPS = 128, BUCKETS = 64 * STEPS };

static uint64_t latencies[BUCKETS], longest;

static void fail(const char *call) {
    fprintf(stderr, "load: %s: %s\n", call, strerror(errno));
    exit(1);
}

static void fail_of(const char *what, int error) {
    errno = error;
    fail(what);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The width of a bucket is at most 1/128 of its value. */
static void record(uint64_t nanos, uint64_t times) {
    int shift = nanos < 2 * STEPS ? 0 : 56 - __builtin_clzll(nanos);
    latencies[shift * STEPS + (nanos >> shift)] += times;
    if (nanos > longest) {
        longest = nanos;
    }
}

static void forget_latencies(void) {
    memset(latencies, 0, sizeof latencies);
    longest = 0;
}

/* Prints "DONE units nanos lost" and each latency in nanoseconds with its count, "latency:count". */
static void print_done(uint64_t units, uint64_t nanos, uint64_t lost) {
    printf("DONE %lu %lu %lu", units, nanos, lost);
    for (int i = 0; i < BUCKETS; i++) {
        if (latencies[i] > 0) {
            int shift = i < 2 * STEPS ? 0 : i / STEPS - 1;
            uint64_t bound = ((uint64_t)(i - shift * STEPS + 1) << shift) - 1;
            printf(" %lu:%lu", bound < longest ? bound : longest, latencies[i]);
        }
    }
    printf("\n");
    fflush(stdout);
}

static void raise_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Closes with a reset, so that no port stays in TIME_WAIT. */
static inline void reset_at_close(int fd) {
    struct linger abort = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

static inline void send_at_once(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int open_socket(int type) {
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail("socket");
    }
    return fd;
}

static void connect_to(int fd, int port) {
    struct sockaddr_in server = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0) {
        fail("connect");
    }
}

static int new_epoll(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
        fail("epoll_create1");
    }
    return fd;
}

static void watch(int epoll, int fd, uint32_t events, void *data) {
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        fail("epoll_ctl");
    }
}

/* Waits for events. Fails when the last progress was long ago. */
static int wait_for(int epoll, struct epoll_event *events, int millis, uint64_t progress) {
    int ready = epoll_wait(epoll, events, EVENTS, millis);
    if (ready < 0 && errno != EINTR) {
        fail("epoll_wait");
    }
    if (ready <= 0 && now() - progress > PATIENCE_SECONDS * 1000000000ull) {
        fail_of("no answer within ten seconds", ETIMEDOUT);
    }
    return ready;
}

/*
 * Prints "READY 0". Then, for every line "run MILLIS RATE" on standard input, runs for that time.
 * A rate of 0 is a closed loop. Returns at the end of standard input.
 */
static void obey(void (*run)(uint64_t millis, uint64_t rate)) {
    char line[64];
    unsigned long millis, rate;
    printf("READY 0\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL
           && sscanf(line, "run %lu %lu", &millis, &rate) == 2) {
        forget_latencies();
        run(millis, rate);
    }
}
#endif
