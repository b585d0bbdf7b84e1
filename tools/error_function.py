#!/usr/bin/env python3
"""Prints the coefficients of crates/tensor/src/kernels/error_function.rs.

    pip install mpmath
    python tools/error_function.py

Each polynomial interpolates its function at Chebyshev's nodes, which is near the best approximation
of that degree; all is computed in 80 digits.
"""
import mpmath as mp

mp.mp.dps = 80
K = mp.mpf("3.75")


def fit(f, a, b, degree):
    """The polynomial's coefficients, lowest power first, and its largest error on [a, b]."""
    a, b = mp.mpf(a), mp.mpf(b)
    angles = [mp.pi * (2 * k + 1) / (2 * (degree + 1)) for k in range(degree + 1)]
    nodes = [(a + b) / 2 + (b - a) / 2 * mp.cos(angle) for angle in angles]
    vandermonde = mp.matrix([[x**power for power in range(degree + 1)] for x in nodes])
    coefficients = list(mp.lu_solve(vandermonde, mp.matrix([f(x) for x in nodes])))
    points = [a + (b - a) * k / 400 for k in range(1, 400)]
    error = max(abs(mp.polyval(coefficients[::-1], x) - f(x)) for x in points)
    return coefficients, error


def near_zero(z):
    """erf(x) / x - 1 as a function of z = x²."""
    x = mp.sqrt(z)
    return mp.erf(x) / x - 1


def tail(t):
    """(1 + 2x) e^(x²) erfc(x) as a function of t = (x - K) / (x + K)."""
    x = K * (1 + t) / (1 - t)
    return (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)


def main():
    pieces = {
        "NEAR_ZERO": (near_zero, 0, 1, 12),
        "TAIL": (tail, (mp.mpf("0.5") - K) / (mp.mpf("0.5") + K), (28 - K) / (28 + K), 21),
    }
    for name, (function, a, b, degree) in pieces.items():
        coefficients, error = fit(function, a, b, degree)
        print(f"/// Error {mp.nstr(error, 2)}.")
        print(f"const {name}: [f64; {degree + 1}] = [")
        for coefficient in coefficients:
            print(f"    {float(coefficient)!r},")
        print("];")


if __name__ == "__main__":
    main()
