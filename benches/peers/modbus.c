/* Plain C on both ends of Modbus TCP, for comparison.
 *
 * modbus serve PORT [LOG]        answer every read; with LOG write the monotonic time in ns
 *                                and the unit of each request there when told to end
 * modbus raw PORT N SECONDS      N connections, one request in flight on each
 * modbus libmodbus PORT N SECONDS  the same by libmodbus, a thread per connection
 * modbus poll PORT N HZ SECONDS  N connections asked together at absolute deadlines
 *
 * Clients read 40 holding registers and print transactions per second and the median,
 * 99th percentile and maximum of a transaction in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_LIBMODBUS
#include <modbus.h>
#endif

enum { WORDS = 40, ANSWER = 9 + 2 * WORDS, MOST = 256 };

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int connect_to(int port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&to, sizeof to))
        fail("connect");
    return fd;
}

/* Times of transactions. */
struct times {
    uint32_t *ns;
    size_t count, room;
};

static void add(struct times *all, uint64_t ns)
{
    if (all->count == all->room) {
        all->room = all->room ? 2 * all->room : 1u << 16;
        all->ns = realloc(all->ns, all->room * sizeof *all->ns);
    }
    all->ns[all->count++] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void report(struct times *all, double seconds)
{
    size_t n = all->count;
    if (!n)
        exit(1);
    qsort(all->ns, n, sizeof *all->ns, ascending);
    printf("%.0f %.1f %.1f %.1f\n", (double)n / seconds, all->ns[n / 2] / 1e3,
           all->ns[n / 100 * 99] / 1e3, all->ns[n - 1] / 1e3);
}

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

struct arrival {
    uint64_t at;
    unsigned unit;
};

static void serve(int port, const char *log)
{
    size_t count = 0, room = 1u << 21;
    struct arrival *arrivals = log ? calloc(room, sizeof *arrivals) : NULL;
    struct sigaction action = { .sa_handler = end };
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, MOST))
        fail("listen");
    int poll = epoll_create1(0);
    struct epoll_event events[128], event = { .events = EPOLLIN, .data.fd = listener };
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    while (!ended) {
        int ready = epoll_wait(poll, events, 128, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (client < 0)
                    continue;
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                event.data.fd = client;
                epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
                continue;
            }
            uint8_t in[4096], out[300];
            ssize_t got = recv(fd, in, sizeof in, 0);
            if (got <= 0) {
                if (got == 0 || errno != EAGAIN)
                    close(fd);
                continue;
            }
            for (ssize_t at = 0; at + 12 <= got; at += 12) {
                const uint8_t *ask = in + at;
                if (arrivals && count < room)
                    arrivals[count++] = (struct arrival){ now(), ask[6] };
                unsigned words = (unsigned)ask[10] << 8 | ask[11];
                if (words > 125)
                    words = 125;
                unsigned rest = 3 + 2 * words;
                memcpy(out, ask, 4);
                out[4] = (uint8_t)(rest >> 8);
                out[5] = (uint8_t)rest;
                out[6] = ask[6];
                out[7] = ask[7];
                out[8] = (uint8_t)(2 * words);
                for (unsigned j = 0; j < words; j++) {
                    out[9 + 2 * j] = 0;
                    out[10 + 2 * j] = (uint8_t)j;
                }
                if (send(fd, out, 9 + 2 * words, 0) < 0) {
                    close(fd);
                    break;
                }
            }
        }
    }
    if (log) {
        FILE *file = fopen(log, "w");
        for (size_t i = 0; i < count; i++)
            fprintf(file, "%llu %u\n", (unsigned long long)arrivals[i].at, arrivals[i].unit);
        fclose(file);
    }
}

static void ask(int fd, unsigned unit)
{
    uint8_t out[12] = { 0, 1, 0, 0, 0, 6, (uint8_t)unit, 3, 0, 0, 0, WORDS };
    if (send(fd, out, sizeof out, 0) != sizeof out)
        fail("send");
}

/* Takes what has come; returns whether the answer is whole. */
static int take(int fd, int *got)
{
    uint8_t in[300];
    ssize_t more = recv(fd, in, sizeof in, 0);
    if (more <= 0)
        fail("recv");
    *got += (int)more;
    if (*got < ANSWER)
        return 0;
    *got = 0;
    return 1;
}

static void raw(int port, int n, double seconds)
{
    int fd[MOST], got[MOST] = { 0 }, poll = epoll_create1(0);
    uint64_t sent[MOST];
    struct times all = { 0 };
    for (int i = 0; i < n; i++) {
        fd[i] = connect_to(port);
        struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
        epoll_ctl(poll, EPOLL_CTL_ADD, fd[i], &event);
    }
    uint64_t last = now() + (uint64_t)(seconds * 1e9);
    if (n == 1) {
        for (uint64_t from = now(); from < last; from = now()) {
            ask(fd[0], 1);
            while (!take(fd[0], got)) {
            }
            add(&all, now() - from);
        }
        report(&all, seconds);
        return;
    }
    for (int i = 0; i < n; i++) {
        sent[i] = now();
        ask(fd[i], 1);
    }
    while (now() < last) {
        struct epoll_event events[128];
        int ready = epoll_wait(poll, events, 128, -1);
        for (int k = 0; k < ready; k++) {
            uint32_t i = events[k].data.u32;
            if (!take(fd[i], &got[i]))
                continue;
            uint64_t here = now();
            add(&all, here - sent[i]);
            sent[i] = here;
            ask(fd[i], 1);
        }
    }
    report(&all, seconds);
}

#ifdef WITH_LIBMODBUS
struct worker {
    pthread_t thread;
    struct times times;
    int port;
    uint64_t last;
};

static void *work(void *of)
{
    struct worker *self = of;
    uint16_t words[WORDS];
    modbus_t *modbus = modbus_new_tcp("127.0.0.1", self->port);
    modbus_set_slave(modbus, 1);
    if (modbus_connect(modbus))
        fail("modbus_connect");
    for (uint64_t from = now(); from < self->last; from = now()) {
        if (modbus_read_registers(modbus, 0, WORDS, words) != WORDS)
            fail("modbus_read_registers");
        add(&self->times, now() - from);
    }
    modbus_close(modbus);
    return NULL;
}

static void threads(int port, int n, double seconds)
{
    static struct worker workers[MOST];
    struct times all = { 0 };
    uint64_t last = now() + (uint64_t)(seconds * 1e9);
    for (int i = 0; i < n; i++) {
        workers[i].port = port;
        workers[i].last = last;
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < n; i++) {
        pthread_join(workers[i].thread, NULL);
        for (size_t k = 0; k < workers[i].times.count; k++)
            add(&all, workers[i].times.ns[k]);
    }
    report(&all, seconds);
}
#endif

static void on_schedule(int port, int n, double hz, double seconds)
{
    int fd[MOST];
    for (int i = 0; i < n; i++)
        fd[i] = connect_to(port);
    prctl(PR_SET_TIMERSLACK, 1);
    uint64_t first = now() + 500000000u;
    for (long k = 0; k < (long)(hz * seconds); k++) {
        uint64_t due = first + (uint64_t)((double)k * 1e9 / hz);
        struct timespec at = { (time_t)(due / 1000000000u), (long)(due % 1000000000u) };
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        for (int i = 0; i < n; i++)
            ask(fd[i], (unsigned)i + 1);
        for (int i = 0; i < n; i++)
            for (int got = 0; !take(fd[i], &got);) {
            }
    }
}

int main(int count, char **words)
{
    const char *mode = count > 2 ? words[1] : "";
    int port = count > 2 ? atoi(words[2]) : 0, n = count > 3 ? atoi(words[3]) : 0;
    if (!strcmp(mode, "serve"))
        serve(port, count > 3 ? words[3] : NULL);
    else if (n < 1 || n > MOST || count < 5)
        return 2;
    else if (!strcmp(mode, "raw"))
        raw(port, n, atof(words[4]));
#ifdef WITH_LIBMODBUS
    else if (!strcmp(mode, "libmodbus"))
        threads(port, n, atof(words[4]));
#endif
    else if (!strcmp(mode, "poll") && count > 5)
        on_schedule(port, n, atof(words[4]), atof(words[5]));
    else
        return 2;
    return 0;
}
