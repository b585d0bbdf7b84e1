#!/usr/bin/env python3
"""Writes what PyTorch computes for every differentiable operation, for the tests of the tensor crate.

    pip install -r tools/requirements.txt
    python tools/golden.py

The output, crates/tensor/tests/golden/ops.json, is a list of rows:

    name       what the row is about
    op         the operation, which tests/suite/golden/ops.rs maps to a call of ours
    args       its other arguments: numbers and lists
    inputs     the tensors it is applied to; those of dtype f64 are differentiated
    output     y = op(inputs)
    cotangent  g, in the shape of y
    first      for each f64 input, the gradient of <y, g>
    along      for each f64 input, a direction
    second     for each f64 input, the gradient of s, the sum of <first, along> over all inputs
    tangent    the gradient of s with respect to g, which is the derivative of y along the directions

In a row about the first order alone, `second` and `tangent` are null: where PyTorch multiplies zero
by infinity on the way, its NaN says nothing about the derivative.

A tensor is {"dtype", "shape", "data"}; an f64 element is a number or one of "nan", "inf", "-inf".
A gradient that does not exist, since nothing depends on the input, is zero.
"""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

TORCH = "2.15.0"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/tensor/tests/golden/ops.json"

NAN, INF = math.nan, math.inf
ROWS = []
RNG = np.random.default_rng(20261101)


def tensor(data):
    """A tensor of f64, or of what the data is if that is not floating-point."""
    made = torch.tensor(data)
    return made.double() if made.is_floating_point() else made


def normal(*shape):
    """Random numbers with few digits, away from zero, so that no kink is near."""
    x = RNG.standard_normal(shape)
    return torch.tensor(np.round(x + 0.1 * np.sign(x), 3)).reshape(shape)


def positive(*shape):
    return normal(*shape).abs() + 0.25


def encoded(x):
    x = x.detach()
    if x._is_zerotensor():  # zeros that PyTorch did not write
        x = torch.zeros(x.shape, dtype=x.dtype)
    names = {torch.float64: "f64", torch.int64: "i64", torch.bool: "bool"}
    data = x.reshape(-1).tolist()
    if x.dtype == torch.float64:
        data = [v if math.isfinite(v) else str(v) for v in data]
    return {"dtype": names[x.dtype], "shape": list(x.shape), "data": data}


def gradients(s, leaves):
    """The gradients of s, zero where it does not depend on a leaf."""
    if not s.requires_grad:
        return [torch.zeros_like(x) for x in leaves]
    found = torch.autograd.grad(s, leaves, allow_unused=True, create_graph=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found)]


def row(name, op, inputs, function, highest=2, **args):
    inputs = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
    leaves = [x for x in inputs if x.requires_grad]
    y = function(*inputs)
    assert y.dtype == torch.float64, name
    g = normal(*y.shape).requires_grad_(True)
    first = torch.autograd.grad(y, leaves, g, allow_unused=True, create_graph=True)
    first = [torch.zeros_like(x) if d is None else d for x, d in zip(leaves, first)]
    along = [normal(*x.shape) for x in leaves]
    s = sum((d * v).sum() for d, v in zip(first, along))
    *second, tangent = gradients(s, [*leaves, g])
    ROWS.append(
        {
            "name": name,
            "op": op,
            "args": args,
            "inputs": [encoded(x) for x in inputs],
            "output": encoded(y),
            "cotangent": encoded(g),
            "first": [encoded(x) for x in first],
            "along": [encoded(x) for x in along],
            "second": [encoded(x) for x in second] if highest == 2 else None,
            "tangent": encoded(tangent) if highest == 2 else None,
        }
    )


BROADCASTS = {
    "same shape": ([2, 3], [2, 3]),
    "row": ([2, 3], [3]),
    "column": ([2, 3], [2, 1]),
    "both sides": ([2, 1, 2], [3, 1]),
    "0-d left": ([], [3]),
    "0-d right": ([2, 2], []),
    "0-d both": ([], []),
    "one with 0-d": ([1], []),
    "empty": ([0, 3], [1, 3]),
}
SPECIAL = [0.0, -0.0, 1e3, -1e3, 1e-30, -1e-30, INF, -INF, NAN]


def arithmetic():
    pairs = {
        "add": torch.add,
        "sub": torch.sub,
        "mul": torch.mul,
        "div": torch.div,
        "maximum": torch.maximum,
        "minimum": torch.minimum,
    }
    for op, function in pairs.items():
        for case, (a, b) in BROADCASTS.items():
            row(f"{op}, {case}", op, [normal(*a), normal(*b)], function)
        special = [tensor(SPECIAL).reshape(-1, 1), tensor([0.0, 1e3, -INF, NAN])]
        highest = 1 if op == "div" else 2
        row(f"{op}, special points", op, special, function, highest)
        row(f"{op}, same input twice", f"{op}_itself", [normal(3)], lambda x: function(x, x))
    for op, function in [("maximum", torch.maximum), ("minimum", torch.minimum)]:
        ties = [tensor([3.0, -1.0, 0.0, 2.0]), tensor([3.0, -1.0, -0.0, 5.0])]
        row(f"{op}, ties", op, ties, function)
        ties = [tensor([[1.0, 2.0], [2.0, 2.0]]), tensor(2.0)]
        row(f"{op}, ties with a number", op, ties, function)
    with_numbers = {
        "add_scalar": lambda x, c: x + c,
        "scalar_add": lambda x, c: c + x,
        "sub_scalar": lambda x, c: x - c,
        "scalar_sub": lambda x, c: c - x,
        "mul_scalar": lambda x, c: x * c,
        "scalar_mul": lambda x, c: c * x,
        "div_scalar": lambda x, c: x / c,
        "scalar_div": lambda x, c: c / x,
    }
    for op, function in with_numbers.items():
        for c in [2.5, -1.0]:
            row(f"{op} {c}", op, [normal(2, 3)], lambda x: function(x, c), c=c)
        row(f"{op}, 0-d", op, [normal()], lambda x: function(x, 0.75), c=0.75)
        row(f"{op}, empty", op, [normal(0)], lambda x: function(x, 0.75), c=0.75)
        row(f"{op}, special points", op, [tensor(SPECIAL)], lambda x: function(x, 2.0), c=2.0)
    row("div by the number zero", "div_scalar", [tensor([1.0, 0.0, -2.0])], lambda x: x / 0.0, c=0.0)
    row("neg", "neg", [normal(2, 3)], torch.neg)
    row("neg, special points", "neg", [tensor(SPECIAL)], torch.neg)


def elementwise():
    everywhere = {
        "exp": torch.exp,
        "expm1": torch.expm1,
        "sin": torch.sin,
        "cos": torch.cos,
        "tanh": torch.tanh,
        "square": torch.square,
        "reciprocal": torch.reciprocal,
        "abs": torch.abs,
        "sign": torch.sign,
        "floor": torch.floor,
        "relu": torch.relu,
        "sigmoid": torch.sigmoid,
        "softplus": F.softplus,
        "silu": F.silu,
    }
    for op, function in everywhere.items():
        row(op, op, [normal(2, 4)], function)
        row(f"{op}, 0-d", op, [normal()], function)
        row(f"{op}, empty", op, [normal(2, 0)], function)
        # PyTorch's sign of NaN is 0; ours is NaN.
        special = SPECIAL[:-1] if op in ["abs", "sign"] else SPECIAL
        row(f"{op}, special points", op, [tensor(special)], function)
        row(f"{op}, in between", op, [tensor([1e-3, -1e-3, 3.5, -3.5, 30.0, -30.0])], function)
    above = {"log": torch.log, "log1p": torch.log1p, "sqrt": torch.sqrt}
    for op, function in above.items():
        row(op, op, [positive(2, 4)], function)
        row(f"{op}, 0-d", op, [positive()], function)
        row(f"{op}, empty", op, [positive(2, 0)], function)
        # PyTorch's sign of NaN is 0; ours is NaN.
        special = SPECIAL[:-1] if op in ["abs", "sign"] else SPECIAL
        row(f"{op}, special points", op, [tensor(special)], function)
        row(f"{op}, in between", op, [tensor([1e-3, 3.5, 30.0, 1e9, 1e-9])], function)
    row("log1p at -1", "log1p", [tensor([-1.0, -0.5, -2.0])], torch.log1p)
    row("floor at integers", "floor", [tensor([1.0, -1.0, 0.999, -0.001])], torch.floor)
    for slope in [0.01, 0.0, -0.5, 2.0]:
        for case, x in [("", normal(2, 3)), (", special points", tensor(SPECIAL))]:
            row(
                f"leaky_relu {slope}{case}",
                "leaky_relu",
                [x],
                lambda x: F.leaky_relu(x, slope),
                slope=slope,
            )


def clamping():
    def clamp(name, x, low, high):
        numbers = {"low": low, "high": high}
        args = {k: v if math.isfinite(v) else str(v) for k, v in numbers.items()}
        row(f"clamp, {name}", "clamp", [x], lambda x: torch.clamp(x, low, high), **args)

    clamp("inside and outside", tensor([-2.0, -0.3, 0.2, 0.8, 3.0]), -0.5, 0.5)
    clamp("at the limits", tensor([0.0, -0.0, 1.0, 0.5]), 0.0, 1.0)
    clamp("limits in the wrong order", tensor([-1.0, 0.0, 0.5, 1.0, 2.0]), 1.0, 0.0)
    clamp("equal limits", tensor([0.0, 1.0, 2.0]), 1.0, 1.0)
    clamp("special points", tensor(SPECIAL), -1.0, 1.0)
    clamp("no upper limit", tensor([-1.0, 2.0, 1e3]), 0.0, INF)
    clamp("no lower limit", tensor([-1e3, -1.0, 2.0]), -INF, 0.0)
    clamp("0-d", tensor(0.25), 0.0, 1.0)


def powers():
    def powf(name, x, p):
        row(f"powf {p}, {name}", "powf", [x], lambda x: torch.pow(x, p), p=p)

    for p in [0, 1, 2, 3, 4, -1, -2, -3]:
        row(f"powi {p}", "powi", [normal(5)], lambda x: torch.pow(x, p), p=p)
        row(f"powi {p}, special points", "powi", [tensor(SPECIAL)], lambda x: torch.pow(x, p), p=p)
    for p in [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, -0.5, -1.0, -1.5]:
        powf("positive", positive(5), p)
        # PyTorch computes x^0.5 and x^-0.5 by square roots, others by IEEE 754's pow, which differs
        # from them at -0 and -infinity.
        special = [x for x in SPECIAL if p.is_integer() or str(x) not in ["-0.0", "-inf"]]
        powf("special points", tensor(special), p)
        powf("negative", -positive(3), p)
    for case, (a, b) in BROADCASTS.items():
        row(f"pow, {case}", "pow", [positive(*a), normal(*b)], torch.pow)
    row("pow, same input twice", "pow_itself", [positive(3)], lambda x: torch.pow(x, x))
    row("pow, x^x at 0", "pow_itself", [tensor([0.0])], lambda x: torch.pow(x, x), 1)
    zeros = [tensor([0.0, 0.0, 0.0, 0.0]), tensor([0.0, 1.0, 2.0, 0.5])]
    row("pow, 0^p", "pow", zeros, torch.pow, 1)
    negative = [tensor([0.0, 0.0]), tensor([-1.0, -0.5])]
    row("pow, 0 to a negative power", "pow", negative, torch.pow)
    ones = [tensor([2.0, -2.0, 0.5, INF]), tensor([0.0, 0.0, 0.0, 0.0])]
    row("pow, x^0", "pow", ones, torch.pow)
    base = [tensor([-2.0, -2.0, -2.0]), tensor([2.0, 3.0, 0.5])]
    row("pow, negative base", "pow", base, torch.pow)


def choosing():
    def where(name, mask, a, b):
        row(f"where, {name}", "where", [mask, a, b], torch.where)

    mask = tensor([[True, False, True], [False, False, True]])
    where("same shape", mask, normal(2, 3), normal(2, 3))
    where("broadcast mask", tensor([True, False, True]), normal(2, 3), normal(2, 3))
    where("broadcast branches", mask, normal(3), normal(2, 1))
    where("wide mask", mask, normal(), normal(1))
    where("0-d", tensor(True), normal(), normal())
    where("empty", mask[:0], normal(0, 3), normal(3))
    where("NaN in both", tensor([True, False]), tensor([NAN, NAN]), tensor([INF, 1.0]))
    row(
        "where, NaN behind the branch that is not chosen",
        "where_sqrt",
        [tensor([-1.0, 4.0])],
        lambda x: torch.where(x > 0, x.sqrt(), x),
    )
    for c in [0.0, -2.5]:
        fill = lambda x, m: x.masked_fill(m, c)
        row(f"masked_fill {c}", "masked_fill", [normal(2, 3), mask], fill, c=c)
    fill = lambda x, m: x.masked_fill(m, 1.5)
    row("masked_fill, broadcast", "masked_fill", [normal(2, 3), mask[0]], fill, c=1.5)
    row("masked_fill, 0-d", "masked_fill", [normal(), tensor(True)], fill, c=1.5)
    nan = [tensor([NAN, INF, 1.0]), tensor([True, True, False])]
    row("masked_fill over NaN", "masked_fill", nan, fill, c=1.5)


def reductions():
    cases = {
        "matrix, rows": ([2, 3], [0]),
        "matrix, columns": ([2, 3], [-1]),
        "matrix, both": ([2, 3], [0, 1]),
        "outer and inner": ([2, 3, 2], [0, -1]),
        "middle": ([2, 3, 2], [1]),
        "axis of size one": ([1, 3], [0]),
        "0-d": ([], [0]),
    }
    functions = {"sum": torch.sum, "mean": torch.mean, "amax": torch.amax, "amin": torch.amin}
    for op, function in functions.items():
        for case, (shape, axes) in cases.items():
            for keep in [False, True]:
                name = f"{op}_{'keepdim' if keep else 'dim'}"
                row(
                    f"{name}, {case}",
                    name,
                    [normal(*shape)],
                    lambda x: function(x, dim=axes, keepdim=keep),
                    axes=axes,
                )
        for shape in [[], [1], [7], [2, 3], [2, 3, 2]]:
            row(f"{op} of {shape}", op, [normal(*shape)], function)
        special = tensor([[0.0, -0.0], [1.0, INF], [-INF, 2.0], [NAN, 1.0], [INF, -INF]])
        row(
            f"{op}_dim, special points",
            f"{op}_dim",
            [special],
            lambda x: function(x, dim=[1]),
            axes=[1],
        )
    row("sum of nothing", "sum", [normal(0, 2)], torch.sum)
    row("mean of nothing", "mean", [normal(0)], torch.mean, 1)
    for op, function in [("sum", torch.sum), ("mean", torch.mean)]:
        along = lambda x: function(x, dim=[1])
        highest = 1 if op == "mean" else 2
        row(f"{op}_dim of nothing", f"{op}_dim", [normal(2, 0)], along, highest, axes=[1])
        row(f"{op}_dim, nothing left", f"{op}_dim", [normal(0, 2)], along, axes=[1])
    ties = tensor([[3.0, 3.0, 1.0], [2.0, 2.0, 2.0], [1.0, 4.0, 1.0]])
    for op, function in [("amax", torch.amax), ("amin", torch.amin)]:
        along = lambda x: function(x, dim=[1])
        row(f"{op}, ties", op, [tensor([3.0, 3.0, 1.0, 1.0])], function)
        row(f"{op}_dim, ties", f"{op}_dim", [ties], along, axes=[1])
        row(f"{op}, NaN", op, [tensor([1.0, NAN, 3.0])], function)
        row(f"{op}_dim, nothing left", f"{op}_dim", [normal(0, 2)], along, axes=[1])


def products():
    shapes = [
        ([3], [3]),
        ([3], [3, 2]),
        ([2, 3], [3]),
        ([2, 3], [3, 4]),
        ([1, 1], [1, 1]),
        ([3], [2, 3, 2]),
        ([2, 2, 3], [3]),
        ([2, 2, 3], [3, 2]),
        ([2, 3], [2, 3, 2]),
        ([2, 2, 3], [2, 3, 2]),
        ([2, 1, 2, 3], [2, 3, 2]),
        ([1, 2, 3], [2, 3, 2]),
        ([2, 0], [0, 3]),
        ([0, 3], [3, 2]),
        ([2, 3], [3, 0]),
        ([0, 2, 3], [3, 2]),
        ([1, 2, 3], [0, 3, 2]),
        ([13, 14], [14, 12]),
    ]
    for a, b in shapes:
        row(f"matmul {a} x {b}", "matmul", [normal(*a), normal(*b)], torch.matmul)
    row("matmul, same input twice", "matmul_itself", [normal(2, 3)], lambda x: x @ x.T)
    views = [normal(3, 2), normal(4, 3)]
    row("matmul of transposes", "matmul_transposed", views, lambda a, b: a.T @ b.T)
    nan = [tensor([[NAN, 0.0], [1.0, INF]]), tensor([[0.0, 1.0], [2.0, 0.0]])]
    row("matmul, NaN and infinity times zero", "matmul", nan, torch.matmul)
    for x in [[3], [2, 3], [2, 2, 3], [0, 3], [17, 3]]:
        parts = [normal(*x), normal(4, 3), normal(4)]
        row(f"linear {x} with bias", "linear", parts, F.linear)
        row(f"linear {x}", "linear", parts[:2], F.linear)
    row("linear, large", "linear", [normal(9, 16), normal(15, 16), normal(15)], F.linear)
    row("linear, no inputs", "linear", [normal(2, 0), normal(3, 0), normal(3)], F.linear)


def shapes():
    def shaped(op, shape, function, **args):
        given = ", ".join(f"{k} {v}" for k, v in args.items())
        row(f"{op} of {shape} {given}".rstrip(), op, [normal(*shape)], function, **args)

    for shape, to in [
        ([2, 3], [3, 2]),
        ([2, 3], [-1]),
        ([2, 3, 2], [2, -1]),
        ([], [1, 1]),
        ([1], []),
        ([2, 0], [0, 5]),
    ]:
        shaped("reshape", shape, lambda x: x.reshape(to), to=to)
    shaped("reshape_transposed", [2, 3], lambda x: x.T.reshape(2, 3), to=[2, 3])
    for shape, first, last in [([2, 3, 2], 0, -1), ([2, 3, 2], 1, 2), ([2, 3], 0, 0), ([], 0, -1)]:
        shaped("flatten", shape, lambda x: x.flatten(first, last), first=first, last=last)
    for shape, order in [([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [0, -1, 1]), ([2, 3], [0, 1]), ([], [])]:
        shaped("permute", shape, lambda x: x.permute(order), order=order)
    for shape, a, b in [([2, 3], 0, 1), ([2, 3, 2], -1, 0), ([2, 3], 1, 1)]:
        shaped("transpose", shape, lambda x: x.transpose(a, b), a=a, b=b)
    for shape in [[], [3], [2, 3]]:
        shaped("t", shape, lambda x: x.t())
    for shape in [[2, 3], [2, 3, 2]]:
        shaped("mt", shape, lambda x: x.mT)
    for shape, axis in [([1, 3], 0), ([3, 1], -1), ([2, 1, 2], 1), ([1], 0)]:
        shaped("squeeze", shape, lambda x: x.squeeze(axis), axis=axis)
    for shape, axis in [([], 0), ([3], 0), ([3], -1), ([2, 3], 1), ([2, 3], -2)]:
        shaped("unsqueeze", shape, lambda x: x.unsqueeze(axis), axis=axis)
    for shape, to in [
        ([3], [2, 3]),
        ([2, 1], [2, 3]),
        ([], [2, 2]),
        ([1], [0]),
        ([1, 2, 1], [3, 1, 2, 2]),
        ([2], [2]),
    ]:
        shaped("expand", shape, lambda x: x.expand(to), to=to)
    for shape, to in [
        ([2, 3], [3]),
        ([2, 3], [2, 1]),
        ([2, 3], [1, 1]),
        ([2, 3], []),
        ([2, 3, 2], [3, 1]),
        ([0, 3], [1, 3]),
        ([1, 3], [3]),
        ([2], [2]),
    ]:
        shaped("sum_to", shape, lambda x: x.sum_to_size(to) if to else x.sum(), to=to)
    shaped("contiguous_transposed", [2, 3], lambda x: x.T.contiguous())


def indexing():
    def index(name, shape, at, *given):
        row(f"index {name}", "index", [normal(*shape)], lambda x: x[at], at=list(given))

    index("2", [4], 2, 2)
    index("-1", [2, 3], -1, -1)
    index("1, -2", [2, 3], (1, -2), 1, -2)
    index("1..", [4], slice(1, None), [1, None])
    index("..-1", [4], slice(0, -1), [0, -1])
    index(".., 1..3", [2, 4], (slice(None), slice(1, 3)), [0, None], [1, 3])
    index("-2.., 0", [3, 2], (slice(-2, None), 0), [-2, None], 0)
    index("0, 1..1", [2, 3], (0, slice(1, 1)), 0, [1, 1])
    index("1, .., 0", [2, 3, 2], (1, slice(None), 0), 1, [0, None], 0)
    for shape, axis, i in [([3], 0, 1), ([2, 3], 1, -1), ([2, 3, 2], 1, 0)]:
        pick = lambda x: x.select(axis, i)
        row(f"select {i} of axis {axis}", "select", [normal(*shape)], pick, axis=axis, index=i)
    for shape, axis, start, length in [([5], 0, 1, 3), ([2, 3], -1, 0, 2), ([2, 3], 0, 2, 0)]:
        part = lambda x: x.narrow(axis, start, length)
        name = f"narrow {start} {length} of axis {axis}"
        row(name, "narrow", [normal(*shape)], part, axis=axis, start=start, len=length)
    for size, start, end, step in [(7, 1, 6, 2), (7, 0, 7, 3), (5, 0, 5, 7), (4, 2, 2, 1), (3, 0, 3, 1)]:
        given = {"axis": 1, "start": start, "end": end, "step": step}
        name = f"slice {start}..{end} by {step}"
        row(name, "slice", [normal(2, size)], lambda x: x[:, start:end:step], **given)
    for shape, axis, picks in [
        ([3], 0, [2, 0, 1]),
        ([3], 0, [0, 0, 1, 0]),
        ([2, 3], 1, [2, 2]),
        ([3, 2], 0, [1]),
        ([2, 3, 2], -2, [0, 2, 2]),
        ([3, 2], 0, []),
    ]:
        chosen = torch.tensor(picks, dtype=torch.int64)
        name = f"index_select {picks} of axis {axis}"
        pick = lambda x, i: x.index_select(axis, i)
        row(name, "index_select", [normal(*shape), chosen], pick, axis=axis)


def joining():
    for shapes, axis in [
        ([[2], [3]], 0),
        ([[2, 3], [1, 3], [2, 3]], 0),
        ([[2, 1], [2, 3]], -1),
        ([[2, 0], [2, 2]], 1),
        ([[2, 2]], 0),
        ([[0], [2]], 0),
    ]:
        join = lambda *x: torch.cat(x, axis)
        row(f"cat {shapes} along {axis}", "cat", [normal(*s) for s in shapes], join, axis=axis)
    legacy = [normal(0), normal(2, 3), normal(0)]
    row("cat skips 1-d empty tensors", "cat", legacy, lambda *x: torch.cat(x, 1), axis=1)
    itself = lambda x: torch.cat([x, x], 0)
    row("cat, same input twice", "cat_itself", [normal(2, 2)], itself)
    for shape, count, axis in [([3], 2, 0), ([2, 2], 3, 1), ([2, 2], 2, -1), ([], 3, 0), ([0], 2, 1)]:
        join = lambda *x: torch.stack(x, axis)
        parts = [normal(*shape) for _ in range(count)]
        row(f"stack {count} of {shape} along {axis}", "stack", parts, join, axis=axis)


def losses():
    for reduction in ["none", "mean", "sum"]:
        loss = lambda x, y: F.mse_loss(x, y, reduction=reduction)
        for shape in [[], [3], [2, 3], [1, 1]]:
            name = f"mse_loss {reduction} of {shape}"
            row(name, "mse_loss", [normal(*shape), normal(*shape)], loss, reduction=reduction)
        special = [tensor([NAN, INF, 1.0, 0.0]), tensor([0.0, 1.0, 1.0, -0.0])]
        row(f"mse_loss {reduction}, special points", "mse_loss", special, loss, reduction=reduction)
        itself = lambda x: F.mse_loss(x, x, reduction=reduction)
        name = f"mse_loss {reduction}, same input twice"
        row(name, "mse_loss_itself", [normal(3)], itself, reduction=reduction)
    nothing = [normal(0), normal(0)]
    row("mse_loss of nothing", "mse_loss", nothing, F.mse_loss, 1, reduction="mean")


def casting():
    special = tensor([0.1, 1 / 3, 1e-50, 1e30, 1e300, -INF, NAN])
    row("to_dtype f32 and back", "to_dtype", [special], lambda x: x.float().double())
    row("to_dtype of its own dtype", "to_own_dtype", [normal(3)], lambda x: x.double())


def main():
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the golden rows are those of torch {TORCH}, not {torch.__version__}")
    torch.set_num_threads(1)
    for family in [arithmetic, elementwise, clamping, powers, choosing, reductions]:
        family()
    for family in [products, shapes, indexing, joining, losses, casting]:
        family()
    names = [row["name"] for row in ROWS]
    repeated = {name for name in names if names.count(name) > 1}
    assert not repeated, repeated
    lines = (json.dumps(row, allow_nan=False) for row in ROWS)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    print(f"{OUTPUT}: {len(ROWS)} rows, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
