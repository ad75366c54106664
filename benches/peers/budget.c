/* What benches/budget.rs is held against: a plain loop that draws five normal inputs of a
   unit efficiency, evaluates rho g Q H / P and adds up mean and variance. xoshiro256++ and
   Marsaglia's polar method. Prints milliseconds of one run, then mean and deviation. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t s[4] = {1, 2, 3, 4};

static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static uint64_t next(void) {
    uint64_t result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

static double uniform(void) { return (double)(next() >> 11) * 0x1p-53; }

static double spare;
static int has_spare;

static double normal(void) {
    if (has_spare) {
        has_spare = 0;
        return spare;
    }
    double u, v, w;
    do {
        u = 2 * uniform() - 1;
        v = 2 * uniform() - 1;
        w = u * u + v * v;
    } while (w >= 1 || w == 0);
    double f = sqrt(-2 * log(w) / w);
    spare = v * f;
    has_spare = 1;
    return u * f;
}

int main(int argc, char **argv) {
    long draws = argc > 1 ? atol(argv[1]) : 1000000;
    for (int i = 0; i < 100; i++)
        next();
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    double sum = 0, squares = 0;
    for (long i = 0; i < draws; i++) {
        double rho = 998.5956 + 0.05 * normal();
        double g = 9.7962 + 5e-5 * normal();
        double q = 32.45 / 3600 + 2.5e-5 * normal();
        double h = 105.9506 + 0.2 * normal();
        double p = 15376.09 + 40 * normal();
        double eta = rho * g * q * h / p;
        sum += eta - 0.6;
        squares += (eta - 0.6) * (eta - 0.6);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    double mean = sum / draws;
    double ms = (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6;
    printf("%.4f %.9f %.9f\n", ms, mean + 0.6, sqrt(squares / draws - mean * mean));
    return 0;
}
