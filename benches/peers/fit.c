/* Plain C for comparison: polynomial fits of perturbed points by Householder QR.
 *
 * fit TABLE POINTS DEGREE REPLICATES: TABLE holds, as f64, x and y of the points, then the
 * deviations of x and of y, replicate by replicate. Prints for fixed and for perturbed
 * abscissae the best of several passes in ms, and the sum of the curve at the last x but
 * two over all replicates, which every implementation must agree on.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_POINTS = 64, MAX_COLUMNS = 16, PASSES = 15 };

static int points, columns;
static double centre, half_width;

static void factor(double a[][MAX_POINTS], double *diagonal, double *scale)
{
    for (int k = 0; k < columns; k++) {
        double squares = 0.0;
        for (int i = k; i < points; i++)
            squares += a[k][i] * a[k][i];
        double length = sqrt(squares);
        diagonal[k] = a[k][k] > 0.0 ? -length : length;
        a[k][k] -= diagonal[k];
        scale[k] = -1.0 / (diagonal[k] * a[k][k]);
        for (int j = k + 1; j < columns; j++) {
            double along = 0.0;
            for (int i = k; i < points; i++)
                along += a[k][i] * a[j][i];
            along *= scale[k];
            for (int i = k; i < points; i++)
                a[j][i] -= along * a[k][i];
        }
    }
}

static void solve(double a[][MAX_POINTS], const double *diagonal, const double *scale,
                  double *y, double *c)
{
    for (int k = 0; k < columns; k++) {
        double along = 0.0;
        for (int i = k; i < points; i++)
            along += a[k][i] * y[i];
        along *= scale[k];
        for (int i = k; i < points; i++)
            y[i] -= along * a[k][i];
    }
    for (int k = columns - 1; k >= 0; k--) {
        double value = y[k];
        for (int j = k + 1; j < columns; j++)
            value -= a[j][k] * c[j];
        c[k] = value / diagonal[k];
    }
}

static void powers(const double *x, double a[][MAX_POINTS])
{
    for (int i = 0; i < points; i++) {
        double u = (x[i] - centre) / half_width, power = 1.0;
        for (int k = 0; k < columns; k++) {
            a[k][i] = power;
            power *= u;
        }
    }
}

static double evaluate(const double *c, double x)
{
    double u = (x - centre) / half_width, value = 0.0;
    for (int k = columns - 1; k >= 0; k--)
        value = value * u + c[k];
    return value;
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * t.tv_sec + t.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    points = atoi(argv[2]);
    columns = atoi(argv[3]) + 1;
    int replicates = atoi(argv[4]);
    size_t row = points, all = row * replicates, count = 2 * row + 2 * all;
    double *table = malloc(count * sizeof *table);
    FILE *file = fopen(argv[1], "rb");
    if (!table || !file || points > MAX_POINTS || columns > MAX_COLUMNS ||
        fread(table, sizeof *table, count, file) != count)
        return 1;
    const double *x0 = table, *y0 = table + row, *dx = y0 + row, *dy = dx + all;
    centre = 0.5 * (x0[0] + x0[points - 1]);
    half_width = 0.5 * (x0[points - 1] - x0[0]);
    double at = x0[points - 3];

    static double a[MAX_COLUMNS][MAX_POINTS];
    double diagonal[MAX_COLUMNS], scale[MAX_COLUMNS], c[MAX_COLUMNS];
    double x[MAX_POINTS], y[MAX_POINTS];
    double best[2] = {INFINITY, INFINITY}, sum[2];
    for (int pass = 0; pass < PASSES; pass++) {
        double start = now_ns();
        sum[0] = 0.0;
        powers(x0, a);
        factor(a, diagonal, scale);
        for (int r = 0; r < replicates; r++) {
            for (int i = 0; i < points; i++)
                y[i] = y0[i] + dy[r * row + i];
            solve(a, diagonal, scale, y, c);
            sum[0] += evaluate(c, at);
        }
        best[0] = fmin(best[0], now_ns() - start);

        start = now_ns();
        sum[1] = 0.0;
        for (int r = 0; r < replicates; r++) {
            for (int i = 0; i < points; i++) {
                x[i] = x0[i] + dx[r * row + i];
                y[i] = y0[i] + dy[r * row + i];
            }
            powers(x, a);
            factor(a, diagonal, scale);
            solve(a, diagonal, scale, y, c);
            sum[1] += evaluate(c, at);
        }
        best[1] = fmin(best[1], now_ns() - start);
    }
    printf("%.6f %.17g\n%.6f %.17g\n", 1e-6 * best[0], sum[0], 1e-6 * best[1], sum[1]);
    return 0;
}
