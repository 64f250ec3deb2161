/* The loops of the C contenders. Each function makes a call many times, so that the way from Java
 * into this library is paid once. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CAPACITY 1024

static volatile uint32_t seen;

/* Does nothing, so a call of it from Java costs what the binding costs. */
int nothing(int value) {
    return value;
}

int epoll_open(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

int epoll_add(int epfd, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
}

/* Waits with epoll_wait and reads the events, as a loop must. */
long epoll_waits(int epfd, int millis, int times) {
    struct epoll_event events[CAPACITY];
    long ready = 0;
    for (int i = 0; i < times; i++) {
        int count = epoll_wait(epfd, events, CAPACITY, millis);
        for (int k = 0; k < count; k++) {
            seen ^= events[k].events + events[k].data.fd;
        }
        ready += count;
    }
    return ready;
}

/* The same with epoll_pwait2. A negative timeout is NULL. */
long epoll_pwait2s(int epfd, long nanos, int times) {
    struct epoll_event events[CAPACITY];
    struct timespec timeout = {nanos / 1000000000, nanos % 1000000000};
    long ready = 0;
    for (int i = 0; i < times; i++) {
        int count =
            syscall(SYS_epoll_pwait2, epfd, events, CAPACITY, nanos < 0 ? NULL : &timeout, NULL, 8L);
        for (int k = 0; k < count; k++) {
            seen ^= events[k].events + events[k].data.fd;
        }
        ready += count;
    }
    return ready;
}

/* Sends bytes to one end of a pair of sockets and receives them at the other. */
long transfers(int from, int to, int bytes, int times) {
    char buffer[65536] = {0};
    long moved = 0;
    for (int i = 0; i < times; i++) {
        moved += send(from, buffer, bytes, 0);
        moved += recv(to, buffer, sizeof buffer, 0);
    }
    return moved;
}

/* Sends datagrams to a port of 127.0.0.1, and receives each with the address of its sender. */
long datagrams(int from, int to, int port, int bytes, int times) {
    char buffer[65536] = {0};
    struct sockaddr_in target = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    long moved = 0;
    for (int i = 0; i < times; i++) {
        struct sockaddr_in sender;
        socklen_t length = sizeof sender;
        moved += sendto(from, buffer, bytes, 0, (struct sockaddr *)&target, sizeof target);
        moved += recvfrom(to, buffer, sizeof buffer, 0, (struct sockaddr *)&sender, &length);
        seen ^= sender.sin_port;
    }
    return moved;
}

/* Receives from a socket that has nothing to read. */
long empty_reads(int fd, int times) {
    char buffer[64];
    long failed = 0;
    for (int i = 0; i < times; i++) {
        failed += recv(fd, buffer, sizeof buffer, 0) < 0;
    }
    return failed;
}
