/* A Modbus RTU device behind a pseudo-terminal, for comparison.
 *
 * rtu BAUD RESPONSE_US    prints the path of the terminal and answers every read of holding
 *                         registers; BAUD 0 answers at once, else every frame takes its time
 *                         on the wire (11 bits a byte) and the device RESPONSE_US
 *
 * At the end of its input, and when told to end, it prints how many requests it answered,
 * how many came before the line had been silent for 3.5 characters (1750 us above 19200
 * baud), and the shortest silence in microseconds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void wait_until(uint64_t ns)
{
    struct timespec t = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static unsigned crc(const uint8_t *bytes, int count)
{
    unsigned sum = 0xFFFF;
    for (int i = 0; i < count; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0xA001 : sum >> 1;
    }
    return sum;
}

int main(int count, char **words)
{
    if (count < 3)
        return 2;
    double baud = atof(words[1]);
    uint64_t response = (uint64_t)(atof(words[2]) * 1e3);
    uint64_t byte = baud > 0 ? (uint64_t)(11e9 / baud) : 0;
    uint64_t silence = baud > 19200 ? 1750000u : byte * 7 / 2;
    struct sigaction action = { .sa_handler = end };
    sigaction(SIGTERM, &action, NULL);
    prctl(PR_SET_TIMERSLACK, 1);

    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) || unlockpt(master))
        return 1;
    const char *path = ptsname(master);
    /* Held open, so that a client that closes the line does not end it. */
    int slave = open(path, O_RDWR | O_NOCTTY);
    struct termios raw;
    tcgetattr(slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
    printf("%s\n", path);
    fflush(stdout);

    uint8_t in[256], out[256];
    int have = 0;
    uint64_t requests = 0, early = 0, shortest = UINT64_MAX, last = 0;
    while (!ended) {
        ssize_t got = read(master, in + have, sizeof in - (size_t)have);
        if (got <= 0)
            continue;
        uint64_t first = now();
        have += (int)got;
        if (have < 8)
            continue;
        have = 0;
        if (last) {
            uint64_t gap = first - last;
            shortest = gap < shortest ? gap : shortest;
            early += gap < silence;
        }
        int registers = in[5] > 125 ? 125 : in[5], length = 3 + 2 * registers;
        out[0] = in[0];
        out[1] = in[1];
        out[2] = (uint8_t)(2 * registers);
        for (int i = 0; i < registers; i++) {
            out[3 + 2 * i] = 0;
            out[4 + 2 * i] = (uint8_t)i;
        }
        unsigned sum = crc(out, length);
        out[length++] = (uint8_t)sum;
        out[length++] = (uint8_t)(sum >> 8);
        if (byte) {
            last = first + (8 + (uint64_t)length) * byte + response;
            wait_until(last);
        }
        if (write(master, out, (size_t)length) != length)
            return 1;
        requests++;
        if (!byte)
            last = 0;
    }
    printf("%llu %llu %.1f\n", (unsigned long long)requests, (unsigned long long)early,
           shortest < UINT64_MAX ? (double)shortest / 1e3 : 0.0);
    return 0;
}
