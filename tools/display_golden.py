#!/usr/bin/env python3
"""Writes what PyTorch prints for a set of tensors, for the tests of the tensor crate.

    pip install -r tools/requirements.txt
    python tools/display_golden.py

The output, crates/tensor/tests/golden/display.json, is a list of rows:

    name           what the row is about
    dtype          "f32", "f64", "i64" or "bool"
    shape          a list of sizes
    values         the elements in row-major order, or a recipe (below)
    requires_grad  whether the tensor is part of a graph
    grad_fn        the name of the operation that made it, or null
    text           what str(tensor) is

An element is a number or a boolean, or one of "nan", "inf", "-inf". An f32 element is the shortest
decimal that rounds to it, so a reader rounds to f32 after parsing.

A recipe stands for many elements: {"arange": n, "start": a, "step": d, "put": [[i, x], ...]} is
a + i * d for i in 0..n, computed in 64 bits, then x at each i of "put". start, step and put may be
absent: 0, 1 and []. A boolean element is true where the number is not zero.
"""

import json
import math
import pathlib

import numpy as np
import torch

TORCH = "2.15.0"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/tensor/tests/golden/display.json"

F32, F64, I64, BOOL = torch.float32, torch.float64, torch.int64, torch.bool
NAMES = {F32: "f32", F64: "f64", I64: "i64", BOOL: "bool"}
NAN, INF = math.nan, math.inf

ROWS = []


def element(x, dtype):
    """One element as JSON."""
    if dtype in (I64, BOOL) or not isinstance(x, float):
        return x
    if not math.isfinite(x):
        return str(x)
    return float(str(np.float32(x))) if dtype == F32 else x


def record(name, tensor, values=None):
    """Adds a row; `values` is the recipe that the elements come from, if they do."""
    if any(row["name"] == name for row in ROWS):
        raise ValueError(f"two rows are named {name!r}")
    if values is None:
        flat = tensor.detach().reshape(-1).tolist()
        values = [element(x, tensor.dtype) for x in flat]
    grad_fn = tensor.grad_fn
    ROWS.append(
        {
            "name": name,
            "dtype": NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "values": values,
            "requires_grad": tensor.requires_grad,
            "grad_fn": None if grad_fn is None else type(grad_fn).__name__,
            "text": str(tensor),
        }
    )


def row(name, values, dtype=F32, requires_grad=False):
    """A row of the given, possibly nested, values."""
    record(name, torch.tensor(values, dtype=dtype, requires_grad=requires_grad))


def recipe(name, shape, dtype=F32, requires_grad=False, **keys):
    """A row of generated elements; `keys` are those of the recipe but `arange`."""
    count = math.prod(shape)
    i = np.arange(count, dtype=np.int64 if dtype == I64 else np.float64)
    values = keys.get("start", 0) + i * keys.get("step", 1)
    for index, x in keys.get("put", []):
        values[index] = x
    tensor = torch.tensor(values).to(dtype).reshape(shape)
    record(name, tensor.requires_grad_(requires_grad), {"arange": count, **keys})


def scalars():
    for x in [0.0, -0.0, 1.0, -2.0, 0.5, -0.125, math.pi, 1e8, 1.5e8, 123456.789, 1e-4, 9e-5]:
        row(f"0-d f32 {x}", x)
    for x in [NAN, INF, -INF]:
        row(f"0-d f32 {x}", x)
    row("0-d f64 1.0", 1.0, F64)
    row("0-d f64 one third", 1 / 3, F64)
    row("0-d f64 1e-4 is not below the limit", 1e-4, F64)
    row("0-d f64 1e100, a three-digit exponent", 1e100, F64)
    row("0-d f64 largest", 1.7976931348623157e308, F64)
    row("0-d f64 smallest", 5e-324, F64)
    row("0-d f32 largest", 3.4028234663852886e38)
    row("0-d f32 smallest", 1.401298464324817e-45)
    for n in [0, 3, -7, 2**63 - 1, -(2**63)]:
        row(f"0-d i64 {n}", n, I64)
    row("0-d true", True, BOOL)
    row("0-d false", False, BOOL)


def floats():
    row("integral", [1.0, 2.0, 3.0])
    row("integral, signs", [-1.0, 2.0, -30.0])
    row("integral, all zero", [0.0, 0.0, 0.0])
    row("integral, negative zero sticks out", [-0.0, 1.0, 0.0])
    row("negative zeros only", [-0.0, -0.0])
    row("integral but large", [1e8, 1.0e8 + 8.0])
    row("integral at the limit of 1e8", [1e8, 5e7])
    row("integral, ratio of exactly 1000", [1.0, 1000.0])
    row("integral, ratio above 1000", [1.0, 1001.0])
    row("integral in f32, not in f64", [16777217.0, 0.5e7])
    row("fixed", [0.1, 0.25, -3.5])
    row("fixed, wide", [12345.678, 99.5, -400.25])
    row("fixed, negative zero", [-0.0, 1.5, 2.5])
    row("fixed, rounds to negative zero", [-0.00011, 0.04])
    row("fixed, ties go to even", [0.03125, 0.09375, 0.15625, 2.00005])
    row("fixed, rounds up to the next width", [9.99996, 1.5])
    row("fixed, f32 ratio just under 1000", [0.1, 100.0])
    row("fixed, f64 ratio of 1000", [0.1, 100.0], F64)
    row("f32 1e-4 is below the limit of 1e-4", [1e-4, 1e-2])
    row("f64 1e-4 is not", [1e-4, 1e-2], F64)
    row("scientific, small", [1e-5, 2e-5])
    row("scientific, large", [1.5e9, -2.25e10])
    row("scientific, mixed", [1e-3, 5.0, 12345.0, -7.5])
    row("scientific, zeros", [0.0, -0.0, 1e-7])
    row("scientific, ties go to even", [100005.0, 100015.0, 1.0, 3000050000.0])
    row("scientific, rounds up to the next power", [9.99996e9, 1.0])
    row("scientific, exponents of two and three digits", [1e-300, 1e-5, 1e250], F64)
    row("scientific, whole range of f64", [5e-324, 1.7976931348623157e308, -1.0], F64)
    row("scientific, whole range of f32", [1.4e-45, 3.4028234663852886e38])
    row("denormals", [1e-40, -3e-42, 1.4e-45])


def specials():
    row("all nan", [NAN, NAN])
    row("all infinite", [INF, -INF])
    row("nan and zero", [NAN, 0.0, -0.0])
    row("nan with integral", [NAN, 1.0, -2.0])
    row("infinite with integral", [INF, 1.0, -INF, 2.0])
    row("infinite with wide integral", [INF, 12345.0, -INF, 20000.0])
    row("non-finite with fixed", [NAN, INF, -INF, 0.5])
    row("non-finite with scientific", [NAN, INF, -INF, 1e-20])
    row("non-finite in 2-d", [[NAN, 1.0], [INF, -INF]], F64)
    many = [INF if i % 3 else -1.0 * i for i in range(40)]
    row("non-finite overflow the lines", many)


def integers():
    row("integers", [1, 2, 3], I64)
    row("integers, signs", [-1, 20, -300], I64)
    row("integers, extremes", [2**63 - 1, -(2**63), 0, 9007199254740993], I64)
    row("integers beyond f64", [9007199254740993, -9007199254740993], I64)
    row("integers in 2-d", [[1, -2], [30, 4]], I64)
    recipe("integers, lines", [60], I64, start=-30)
    row("booleans", [True, False], BOOL)
    row("booleans, all true", [True, True, True], BOOL)
    row("booleans in 2-d", [[True, False], [False, False]], BOOL)
    recipe("booleans, lines", [3, 20], BOOL, put=[[0, 0], [1, 0], [33, 0]])
    recipe("booleans, summarised", [1200], BOOL, put=[[1198, 0]])


def shapes():
    recipe("one element", [1])
    recipe("a column", [3, 1])
    recipe("a row", [1, 3])
    recipe("a middle axis of one", [2, 1, 3])
    recipe("2-d", [2, 3], step=0.5)
    recipe("3-d", [2, 2, 3], start=-6)
    recipe("4-d", [2, 2, 2, 2], F64, step=0.25)
    recipe("5-d", [1, 2, 1, 2, 1], I64)
    recipe("rank of twelve ones", [1] * 12)
    recipe("lines, fixed", [23], step=0.5)
    recipe("lines, fixed, f64", [23], F64, step=0.5)
    recipe("lines that are full", [8], start=0.5)
    recipe("lines, 2-d", [3, 15], start=-7.25)
    recipe("lines, 3-d", [2, 2, 12], start=-1.125)
    recipe("lines, scientific", [2, 9], step=1e-6)
    recipe("lines, integral", [2, 40], start=-40)


def summaries():
    recipe("1000 elements are not summarised", [1000], I64)
    recipe("1000 elements in 2-d are not summarised", [500, 2])
    recipe("1001 elements", [1001])
    recipe("5000 elements", [5000], F64, step=0.5)
    recipe("1001 integers", [1001], I64, start=-3)
    recipe("2000 wide integers", [2000], I64, start=10**17)
    recipe("only edges choose the format", [1500], put=[[3, 0.5], [700, 1e20], [800, -0.25]])
    recipe("edges choose scientific", [1500], put=[[1499, 1e-20]])
    recipe("50 x 50", [50, 50])
    recipe("50 x 50, fixed", [50, 50], F64, start=-1.5, step=0.125)
    recipe("2 x 600", [2, 600], I64)
    recipe("600 x 2", [600, 2], step=0.5)
    recipe("600 x 6, rows in full", [600, 6], I64)
    recipe("600 x 7, rows elided", [600, 7], I64)
    recipe("6 x 300", [6, 300], start=-900)
    recipe("1 x 1001", [1, 1001])
    recipe("1001 x 1", [1001, 1])
    recipe("11 x 10 x 10", [11, 10, 10], I64)
    recipe("2 x 3 x 200", [2, 3, 200], start=0.5)
    recipe("10 x 2 x 60", [10, 2, 60], step=1e-3)
    recipe("7 x 2 x 7 x 11", [7, 2, 7, 11])
    recipe("100 x 20 with a suffix", [100, 20], F64, requires_grad=True)


def empties():
    for shape in [[0], [2, 0], [0, 3], [0, 0], [2, 0, 3], [1, 0, 1, 4]]:
        for dtype in [F32, F64, I64, BOOL]:
            record(f"empty {shape} {NAMES[dtype]}", torch.empty(shape, dtype=dtype))
    record("empty, a leaf", torch.empty(0, requires_grad=True))
    record("empty, f64, a leaf", torch.empty(0, 2, dtype=F64, requires_grad=True))
    record("empty, a node", torch.empty(0, 3, requires_grad=True) * 2.0)
    record("empty, large sizes", torch.empty(1000000, 0, 1000000, dtype=I64))


def named(x, name):
    """Returns x as the output of an operation with the given name."""
    methods = {
        "forward": staticmethod(lambda _ctx, x: x.clone()),
        "backward": staticmethod(lambda _ctx, g: g),
    }
    function = type(name.removesuffix("Backward"), (torch.autograd.Function,), methods)
    return function.apply(x)


def suffixes():
    def leaf(count, dtype=F32, start=0.5):
        return (start + torch.arange(count, dtype=dtype)).requires_grad_()

    row("leaf, 0-d", 2.0, requires_grad=True)
    row("leaf, f64", [1.0, 2.0], F64, requires_grad=True)
    row("leaf, 2-d", [[1.0, 2.5], [3.0, 4.0]], requires_grad=True)
    x = torch.tensor(1.0, requires_grad=True)
    record("node, pow", x**2)
    record("node, f64", torch.tensor([0.5, 1.5], dtype=F64, requires_grad=True).exp())
    record("node, mm", leaf(6).reshape(2, 3) @ leaf(6).reshape(3, 2))
    record("node, mean", leaf(10).mean())
    record("node, sum", leaf(4).sum())
    record("node, summarised", leaf(1001).sin())
    # Ever longer contents: the suffix fits, then just does not, then the elements take two lines.
    for count in range(5, 11):
        record(f"node, {count} elements", leaf(count) * 2.0)
        record(f"leaf, f64, {count} elements", leaf(count, F64))
    # Names that end at the last column, and one before and after it.
    square = torch.ones(2, 2, requires_grad=True)
    for case, tensor, fits in [
        ("0-d", x, 57),
        ("2-d", square, 49),
        ("0-d f64", x.detach().double().requires_grad_(), 36),
        ("f64 below the elements", leaf(8, F64), 42),
    ]:
        for length in range(fits - 1, fits + 2):
            name = "A" * (length - 8) + "Backward"
            record(f"node, {case}, name of {length}", named(tensor, name))
    record("node, name longer than a line", named(square, "A" * 100 + "Backward"))


def random():
    rng = np.random.default_rng(20240501)
    for i in range(30):
        rank = int(rng.integers(1, 5))
        shape = [int(n) for n in rng.integers(1, 5 if rank > 2 else 12, rank)]
        values = rng.standard_normal(shape) * 10.0 ** rng.integers(-4, 6)
        dtype = [F32, F64, I64][i % 3]
        tensor = torch.tensor(values).to(dtype)
        record(f"random {i}", tensor.requires_grad_(i % 6 < 2))


def main():
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the golden rows are those of torch {TORCH}, not {torch.__version__}")
    for family in [scalars, floats, specials, integers, shapes, summaries]:
        family()
    for family in [empties, suffixes, random]:
        family()
    lines = (json.dumps(row, allow_nan=False) for row in ROWS)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    print(f"{OUTPUT}: {len(ROWS)} rows, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
