/*
 * Echo over UDP on epoll. Without arguments, uses one recvfrom and one sendto per datagram. With the
 * argument "batch", uses recvmmsg and sendmmsg, and segmented datagrams if the kernel supports UDP_GRO
 * and UDP_SEGMENT. Prints "READY port". Exits at the end of standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { SLOT_BYTES = 65536, SLOTS = 64 };

static char bytes[SLOTS][SLOT_BYTES];
static struct sockaddr_in peers[SLOTS];
static struct iovec vectors[SLOTS];
static struct mmsghdr messages[SLOTS];
static union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
} controls[SLOTS];

static void fail(const char *call) {
    perror(call);
    exit(1);
}

/* Echoes one datagram per call, with a limit, so that standard input is not starved. */
static void serve_single(int fd) {
    for (int i = 0; i < SLOTS; i++) {
        socklen_t length = sizeof peers[0];
        ssize_t count =
            recvfrom(fd, bytes[0], SLOT_BYTES, 0, (struct sockaddr *)&peers[0], &length);
        if (count < 0) {
            if (errno == EAGAIN) {
                return;
            }
            if (errno != EINTR && errno != ECONNREFUSED) {
                fail("recvfrom");
            }
            continue;
        }
        /* UDP allows loss: a datagram that cannot be sent is dropped. */
        sendto(fd, bytes[0], count, 0, (struct sockaddr *)&peers[0], length);
    }
}

/* Sends segmented datagrams as they were received. UDP_GRO reports the segment length as an int,
 * UDP_SEGMENT expects a uint16_t. */
static void keep_segments(struct msghdr *message) {
    struct cmsghdr *control = CMSG_FIRSTHDR(message);
    if (control == NULL || control->cmsg_level != IPPROTO_UDP || control->cmsg_type != UDP_GRO) {
        message->msg_controllen = 0;
        return;
    }
    int bytes;
    memcpy(&bytes, CMSG_DATA(control), sizeof bytes);
    uint16_t segment = (uint16_t)bytes;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof segment);
    memcpy(CMSG_DATA(control), &segment, sizeof segment);
    message->msg_controllen = CMSG_SPACE(sizeof segment);
}

static void serve_batch(int fd) {
    for (int i = 0; i < SLOTS; i++) {
        messages[i].msg_hdr.msg_namelen = sizeof peers[i];
        messages[i].msg_hdr.msg_controllen = sizeof controls[i];
        vectors[i].iov_len = SLOT_BYTES;
    }
    int received = recvmmsg(fd, messages, SLOTS, 0, NULL);
    if (received < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED) {
            fail("recvmmsg");
        }
        return;
    }
    for (int i = 0; i < received; i++) {
        vectors[i].iov_len = messages[i].msg_len;
        keep_segments(&messages[i].msg_hdr);
    }
    for (int sent = 0; sent < received;) {
        int more = sendmmsg(fd, messages + sent, received - sent, 0);
        sent += more > 0 ? more : 1; /* a datagram that cannot be sent is dropped */
    }
}

static int bind_anywhere(void) {
    struct sockaddr_in local = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof local;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof local) < 0
        || getsockname(fd, (struct sockaddr *)&local, &length) < 0) {
        fail("bind");
    }
    printf("READY %d\n", ntohs(local.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv) {
    int batch = argc > 1 && strcmp(argv[1], "batch") == 0;
    for (int i = 0; i < SLOTS; i++) {
        vectors[i].iov_base = bytes[i];
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &peers[i];
        messages[i].msg_hdr.msg_control = &controls[i];
    }
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int socket = bind_anywhere();
    if (batch) {
        int on = 1; /* fails before Linux 5.0, where datagrams arrive one by one */
        setsockopt(socket, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    }
    struct epoll_event in = {.events = EPOLLIN, .data.fd = STDIN_FILENO};
    struct epoll_event datagrams = {.events = EPOLLIN, .data.fd = socket};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &in) < 0
        || epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &datagrams) < 0) {
        fail("epoll");
    }
    for (;;) {
        struct epoll_event events[2];
        int ready = epoll_wait(epoll, events, 2, -1);
        if (ready < 0 && errno != EINTR) {
            fail("epoll_wait");
        }
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == STDIN_FILENO) {
                return 0;
            }
            if (batch) {
                serve_batch(socket);
            } else {
                serve_single(socket);
            }
        }
    }
}
