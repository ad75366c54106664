"""numpy for comparison with fit.c, same arguments and table: one batched call, and a loop.

Prints the best of several passes in ms and the sum fit.c prints too: fixed abscissae
batched and in a loop, then perturbed ones.
"""

import sys
import time

import numpy as np

table, points, degree, replicates = sys.argv[1], *map(int, sys.argv[2:5])
data = np.fromfile(table)
x, y = data[:points], data[points : 2 * points]
dx, dy = data[2 * points :].reshape(2, replicates, points)
centre, half = 0.5 * (x[0] + x[-1]), 0.5 * (x[-1] - x[0])
at = ((x[-3] - centre) / half) ** np.arange(degree, -1, -1)


def fixed_batched():
    return np.polyfit((x - centre) / half, (y + dy).T, degree).T


def fixed_loop():
    u = (x - centre) / half
    return np.array([np.polyfit(u, y + d, degree) for d in dy])


def perturbed_batched():
    u = (x + dx - centre) / half
    q, r = np.linalg.qr(u[..., None] ** np.arange(degree, -1, -1))
    return np.linalg.solve(r, q.transpose(0, 2, 1) @ (y + dy)[..., None])[..., 0]


def perturbed_loop():
    u = (x + dx - centre) / half
    return np.array([np.polyfit(a, b, degree) for a, b in zip(u, y + dy)])


for way, passes in ((fixed_batched, 15), (fixed_loop, 2), (perturbed_batched, 15), (perturbed_loop, 2)):
    best = float("inf")
    for _ in range(passes):
        start = time.perf_counter_ns()
        coefficients = way()
        best = min(best, time.perf_counter_ns() - start)
    print(best / 1e6, repr(float((coefficients @ at).sum())))
