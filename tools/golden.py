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

import torch
import torch.nn.functional as F

from golden_elementwise import beyond
from golden_losses import further
from golden_row import INF, NAN, ROWS, SPECIAL, normal, positive, row, tensor
from golden_shapes import casting, indexing, joining, products, reductions, replacing, shapes

TORCH = "2.15.0"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/tensor/tests/golden/ops.json"

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


def losses():
    for reduction in ["none", "mean", "sum"]:
        loss = lambda x, y: F.mse_loss(x, y, reduction=reduction)
        for shape in [[], [3], [2, 3], [1, 1]]:
            name = f"mse_loss {reduction} of {shape}"
            row(name, "mse_loss", [normal(*shape), normal(*shape)], loss, reduction=reduction)
        special = [tensor([NAN, INF, 1.0, 0.0]), tensor([0.0, 1.0, 1.0, -0.0])]
        name = f"mse_loss {reduction}, special points"
        row(name, "mse_loss", special, loss, 1, reduction=reduction)
        itself = lambda x: F.mse_loss(x, x, reduction=reduction)
        name = f"mse_loss {reduction}, same input twice"
        row(name, "mse_loss_itself", [normal(3)], itself, reduction=reduction)
    nothing = [normal(0), normal(0)]
    row("mse_loss of nothing", "mse_loss", nothing, F.mse_loss, 1, reduction="mean")


def main():
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the golden rows are those of torch {TORCH}, not {torch.__version__}")
    torch.set_num_threads(1)
    for family in [arithmetic, elementwise, clamping, powers, choosing, losses]:
        family()
    for family in [reductions, products, shapes, indexing, joining, casting, replacing, beyond, further]:
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
