/*
 * The limit: the work of the questions without a JVM. Each function performs a whole batch, so that
 * the call from Java does not count. All return -1 if something failed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_EVENTS 1024
#define MAX_MESSAGE 65536
#define MAX_FD 65536

struct scene;
typedef void handler(struct scene *scene, int fd, uint32_t events);

struct scene {
    int epfd;
    int *fds;
    int count;
    int size;
    long events;
    int failed;
    struct sockaddr_un address;
    char folder[32];
    handler *handlers[MAX_FD];
    struct epoll_event ready[MAX_EVENTS];
    char buffer[MAX_MESSAGE];
};

static struct scene *open_scene(int count, int size) {
    struct scene *scene = calloc(1, sizeof *scene);
    scene->fds = malloc(sizeof(int) * count);
    scene->count = count;
    scene->size = size;
    memset(scene->fds, -1, sizeof(int) * count);
    scene->epfd = epoll_create1(EPOLL_CLOEXEC);
    return scene;
}

void close_scene(struct scene *scene) {
    for (int i = 0; i < scene->count; i++) {
        if (scene->fds[i] >= 0) {
            close(scene->fds[i]);
        }
    }
    close(scene->epfd);
    if (scene->folder[0] != 0) {
        unlink(scene->address.sun_path);
        rmdir(scene->folder);
    }
    free(scene->fds);
    free(scene);
}

static struct scene *failed(struct scene *scene) {
    close_scene(scene);
    return NULL;
}

static int control(struct scene *scene, int operation, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(scene->epfd, operation, fd, &event);
}

/* Waits and calls the handlers of the ready descriptors. */
static int dispatch(struct scene *scene) {
    int ready = epoll_wait(scene->epfd, scene->ready, MAX_EVENTS, 0);
    for (int i = 0; i < ready; i++) {
        int fd = scene->ready[i].data.fd;
        scene->handlers[fd](scene, fd, scene->ready[i].events);
    }
    return ready;
}

static void count_event(struct scene *scene, int fd, uint32_t events) {
    scene->events += (fd & 0) + (events != 0);
}

/* Opens and registers datagram sockets. Evenly spread ones have a datagram that stays unread. */
struct scene *open_datagrams(int registered, int ready) {
    struct scene *scene = open_scene(registered, 1);
    int step = registered / ready;
    for (int i = 0; i < registered; i++) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0 || fd >= MAX_FD) {
            return failed(scene);
        }
        scene->fds[i] = fd;
        scene->handlers[fd] = count_event;
        if (i % step == 0 && i / step < ready) {
            struct sockaddr_in address = {
                .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
            socklen_t length = sizeof address;
            if (bind(fd, (struct sockaddr *) &address, length) < 0
                || getsockname(fd, (struct sockaddr *) &address, &length) < 0
                || sendto(fd, "x", 1, 0, (struct sockaddr *) &address, length) < 0) {
                return failed(scene);
            }
        }
        if (control(scene, EPOLL_CTL_ADD, fd, EPOLLIN) < 0) {
            return failed(scene);
        }
    }
    return scene;
}

/* Opens pairs of sockets. Full ones are neither readable nor writable. None is registered. */
struct scene *open_pairs(int pairs, int full, int size) {
    struct scene *scene = open_scene(2 * pairs, size);
    for (int i = 0; i < pairs; i++) {
        int *ends = scene->fds + 2 * i;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0
            || ends[0] >= MAX_FD || ends[1] >= MAX_FD) {
            return failed(scene);
        }
        scene->handlers[ends[0]] = count_event;
        scene->handlers[ends[1]] = count_event;
        while (full && write(ends[0], scene->buffer, MAX_MESSAGE) > 0) {
        }
    }
    return scene;
}

int poll_ready(struct scene *scene, int polls) {
    scene->events = 0;
    for (int i = 0; i < polls; i++) {
        if (dispatch(scene) < 0) {
            return -1;
        }
    }
    return (int) scene->events;
}

int register_all(struct scene *scene) {
    int done = 0;
    for (int i = 0; i < scene->count; i += 2) {
        done += control(scene, EPOLL_CTL_ADD, scene->fds[i], EPOLLIN) == 0;
    }
    dispatch(scene);
    for (int i = 0; i < scene->count; i += 2) {
        done += control(scene, EPOLL_CTL_MOD, scene->fds[i], EPOLLOUT) == 0;
    }
    dispatch(scene);
    for (int i = 0; i < scene->count; i += 2) {
        done += control(scene, EPOLL_CTL_DEL, scene->fds[i], 0) == 0;
    }
    dispatch(scene);
    return done / 3;
}

static void flip_once(struct scene *scene, int fd, uint32_t events) {
    if (events & EPOLLIN) {
        scene->failed |= read(fd, scene->buffer, scene->size) != scene->size;
        scene->failed |= control(scene, EPOLL_CTL_MOD, fd, EPOLLOUT) < 0;
    } else {
        scene->failed |= write(fd, scene->buffer, scene->size) != scene->size;
        scene->failed |= control(scene, EPOLL_CTL_MOD, fd, EPOLLIN) < 0;
        scene->events++;
    }
}

int flip(struct scene *scene, int messages) {
    int client = scene->fds[0];
    int server = scene->fds[1];
    if (scene->handlers[server] != flip_once) {
        scene->handlers[server] = flip_once;
        scene->failed |= control(scene, EPOLL_CTL_ADD, server, EPOLLIN) < 0;
    }
    scene->events = 0;
    for (int i = 0; i < messages; i++) {
        scene->failed |= write(client, scene->buffer, scene->size) != scene->size;
        dispatch(scene);
        dispatch(scene);
        scene->failed |= read(client, scene->buffer, scene->size) != scene->size;
    }
    return scene->failed ? -1 : (int) scene->events;
}

static void rearm(struct scene *scene, int fd, uint32_t events) {
    scene->events += (events & EPOLLOUT) != 0;
    scene->failed |= control(scene, EPOLL_CTL_MOD, fd, EPOLLOUT | EPOLLONESHOT) < 0;
}

int oneshot(struct scene *scene, int events) {
    int fd = scene->fds[0];
    if (scene->handlers[fd] != rearm) {
        scene->handlers[fd] = rearm;
        scene->failed |= control(scene, EPOLL_CTL_ADD, fd, EPOLLOUT | EPOLLONESHOT) < 0;
    }
    scene->events = 0;
    for (int i = 0; i < events; i++) {
        dispatch(scene);
    }
    return scene->failed ? -1 : (int) scene->events;
}

static void receive(struct scene *scene, int fd, uint32_t events) {
    scene->failed |= (events & EPOLLIN) == 0;
    scene->failed |= read(fd, scene->buffer, scene->size) != scene->size;
    scene->events++;
}

int exchange(struct scene *scene, int messages) {
    int writer = scene->fds[0];
    int reader = scene->fds[1];
    if (scene->handlers[reader] != receive) {
        scene->handlers[reader] = receive;
        scene->failed |= control(scene, EPOLL_CTL_ADD, reader, EPOLLIN) < 0;
    }
    scene->events = 0;
    for (int i = 0; i < messages; i++) {
        scene->failed |= write(writer, scene->buffer, scene->size) != scene->size;
        dispatch(scene);
    }
    return scene->failed ? -1 : (int) scene->events;
}

static void accept_one(struct scene *scene, int fd, uint32_t events) {
    int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    scene->failed |= accepted < 0 || (events & EPOLLIN) == 0;
    scene->failed |= close(accepted) < 0;
    scene->events++;
}

/* Listens on a path in a new folder, as the other contenders do. */
struct scene *open_listener(void) {
    struct scene *scene = open_scene(1, 1);
    scene->address.sun_family = AF_UNIX;
    strcpy(scene->folder, "/tmp/uloop-bench-XXXXXX");
    if (mkdtemp(scene->folder) == NULL) {
        return failed(scene);
    }
    strcat(strcpy(scene->address.sun_path, scene->folder), "/socket");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    scene->fds[0] = fd;
    scene->handlers[fd] = accept_one;
    if (bind(fd, (struct sockaddr *) &scene->address, sizeof scene->address) < 0
        || listen(fd, 16) < 0 || control(scene, EPOLL_CTL_ADD, fd, EPOLLIN) < 0) {
        return failed(scene);
    }
    return scene;
}

int accept_all(struct scene *scene, int connections) {
    scene->events = 0;
    for (int i = 0; i < connections; i++) {
        int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        scene->failed |=
            connect(client, (struct sockaddr *) &scene->address, sizeof scene->address) < 0;
        dispatch(scene);
        scene->failed |= close(client) < 0;
    }
    return scene->failed ? -1 : (int) scene->events;
}

/* A thread that waits in epoll_wait for its eventfd, then wakes the other thread. */
struct waiter {
    int epfd;
    int eventfd;
    int other;
    int rounds;
    int failed;
};

static void *wait_and_wake(void *argument) {
    struct waiter *waiter = argument;
    uint64_t one = 1;
    for (int i = 0; i < waiter->rounds; i++) {
        struct epoll_event event;
        waiter->failed |= epoll_wait(waiter->epfd, &event, 1, -1) != 1;
        waiter->failed |= write(waiter->other, &one, sizeof one) != sizeof one;
    }
    return NULL;
}

/* Two threads wake each other. Returns the number of wakeups. */
int wake_each_other(int rounds) {
    struct waiter waiters[2] = {0};
    pthread_t threads[2];
    uint64_t one = 1;
    int failed = 0;
    for (int i = 0; i < 2; i++) {
        waiters[i].rounds = rounds;
        waiters[i].eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        waiters[i].epfd = epoll_create1(EPOLL_CLOEXEC);
        struct epoll_event event = {.events = EPOLLIN | EPOLLET};
        failed |= epoll_ctl(waiters[i].epfd, EPOLL_CTL_ADD, waiters[i].eventfd, &event) < 0;
    }
    waiters[0].other = waiters[1].eventfd;
    waiters[1].other = waiters[0].eventfd;
    for (int i = 0; i < 2; i++) {
        failed |= pthread_create(&threads[i], NULL, wait_and_wake, &waiters[i]) != 0;
    }
    failed |= write(waiters[0].eventfd, &one, sizeof one) != sizeof one;
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < 2; i++) { /* not before: the last write of one goes to the other */
        failed |= waiters[i].failed;
        close(waiters[i].epfd);
        close(waiters[i].eventfd);
    }
    return failed ? -1 : 2 * rounds;
}
