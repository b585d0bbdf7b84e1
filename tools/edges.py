#!/usr/bin/env python3
"""Writes what PyTorch computes at the edges of every elementwise operation, for the conformance crate.

    pip install -r tools/requirements.txt
    python tools/edges.py

The output, crates/conformance/data/edges.json, is an object:

    points  the inputs by name: for each input, its elements
    shapes  the shapes of the inputs by the same name, where they are not one axis
    rows    what PyTorch computes

A row:

    op      the operator, as in ops.txt
    args    the arguments after the inputs, and
    kwargs  those by name, as in cases.json
    on      the name of the inputs; "twice" is one input, given twice
    mask    the truth values that are given after the first input, if any
    f64     [y, gradient of sum(y) by each input]
    f32     the same in single precision
    ours    where ours differs on purpose: a list of [index in the lists above (0 is y), element, ours,
            the reason]

A number that JSON does not have is a string; null is a gradient that PyTorch does not have.
"""
import itertools
import json
import math
import pathlib
import random

import torch
import torch.nn.functional as F

from safe import safe_div, safe_sqrt

TORCH = "2.15.0"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/conformance/data/edges.json"
INF, NAN = math.inf, math.nan
SMALL = torch.tensor(1e-30).item()  # every input is a number of f32
EDGES = [0.0, -0.0, 1.0, -1.0, 1e3, -1e3, SMALL, -SMALL, INF, -INF, NAN]
KINKS = [0.5, -0.5, 2.5, 3.0, -3.0, 6.0, 20.0]  # where the activations bend, and halves
RANDOM = random.Random(20261125)

PAIRS = list(itertools.product(EDGES, EDGES))
TRIPLES = [[RANDOM.choice(EDGES + [0.25]) for _ in range(3)] for _ in range(60)]
MASK = [i % 3 != 1 for i in range(len(EDGES + KINKS))]
TAME = [[0.75, -1.25, 2.5], [1.5, -0.5, 3.25, 0.125]]
POINTS = {
    "points": [EDGES + KINKS],
    "pairs": [[pair[i] for pair in PAIRS] for i in range(2)],
    "triples": [[triple[i] for triple in TRIPLES] for i in range(3)],
    "two": [EDGES + KINKS, (EDGES + KINKS)[::-1]],
    "twice": [EDGES + KINKS],
    "slope": [EDGES + KINKS, [0.25]],
    "zero slope": [EDGES + KINKS, [0.0]],
    "halves": [[half for pair in PAIRS for half in pair]],
    "broadcast": TAME,
    "broadcast positive": [[abs(x) for x in part] for part in TAME],
}
COLUMN = [[len(EDGES + KINKS), 1], [1]]
SHAPES = {
    "slope": COLUMN,
    "zero slope": COLUMN,
    "halves": [[len(PAIRS), 2]],
    "broadcast": [[3, 1], [1, 4]],
    "broadcast positive": [[3, 1], [1, 4]],
}

UNARY = {
    name: getattr(torch, name)
    for name in """abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad erf erfc exp exp2 expm1
    floor frac log log10 log1p log2 neg positive rad2deg reciprocal round rsqrt sigmoid sign sin sinh
    sqrt square tan tanh trunc""".split()
} | {
    f"nn.functional.{name}": getattr(F, name)
    for name in """celu elu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu
    relu6 selu silu softplus softshrink softsign tanhshrink""".split()
}
BINARY = {
    "add": torch.add,
    "sub": torch.sub,
    "rsub": torch.rsub,
    "mul": torch.mul,
    "div.no_rounding_mode": torch.div,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "clamp_min": torch.clamp_min,
    "clamp_max": torch.clamp_max,
    "pow": torch.pow,
    "atan2": torch.atan2,
    "fmod": torch.fmod,
    "remainder": torch.remainder,
    "xlogy": torch.xlogy,
    "logaddexp": torch.logaddexp,
    "logaddexp2": torch.logaddexp2,
    "hypot": torch.hypot,
}
# Where ours differs on purpose: [0 for the value or the number of the gradient, element, ours, why].
DIGITS = "PyTorch's formula has no digits left"
OURS = {
    ("acosh", "points"): [
        [1, i, "nan", "outside of the domain, as the value"]
        for i, x in enumerate(POINTS["points"][0])
        if x <= -1
    ],
    ("tanh", "points"): [[1, POINTS["points"][0].index(20.0), 1.6993417021166355e-17, DIGITS]],
    ("nn.functional.tanhshrink", "points"): [
        [0, 6, 3.3333333650441017e-91, DIGITS],
        [0, 7, -3.3333333650441017e-91, DIGITS],
        [1, 6, 1.0000000063421537e-60, DIGITS],
        [1, 7, 1.0000000063421537e-60, DIGITS],
    ],
    ("nn.functional.softsign", "points"): [
        [1, i, 0, "the limit"] for i, x in enumerate(POINTS["points"][0]) if math.isinf(x)
    ],
    ("logaddexp2", "pairs"): [[0, PAIRS.index((-1.0, -1.0)), 0, DIGITS]],
    ("logaddexp2", "twice"): [[0, 3, 0, DIGITS]],
    ("sinc", "points"): [
        [0, i, 0, "the sine of a multiple of pi is 0"]
        for i, x in enumerate(POINTS["points"][0])
        if math.isfinite(x) and x == int(x) and x != 0
    ]
    + [[1, i, -math.pi**2 / 3 * POINTS["points"][0][i], DIGITS] for i in (6, 7)],
    ("hypot", "pairs"): [
        [i, j, 0, "the element of least norm, as of a norm at zero"]
        for i in (1, 2)
        for j, pair in enumerate(PAIRS)
        if pair == (0.0, 0.0)
    ],
    ("hypot", "twice"): [
        [1, i, 0, "the element of least norm, as of a norm at zero"] for i in (0, 1)
    ],
}
ROWS = []


def numbers(x):
    """The elements, as the shortest decimals that denote them."""
    if x is None:
        return None
    kept = []
    for v in x.detach().reshape(-1).tolist():
        if not math.isfinite(v):
            kept.append(str(v))
        elif v == int(v) and abs(v) < 1e9 and not (v == 0 and math.copysign(1, v) < 0):
            kept.append(int(v))
        else:
            texts = (float(f"{v:.{digits}g}") for digits in range(1, 18))
            kept.append(next(d for d in texts if torch.tensor(d, dtype=x.dtype).item() == v))
    return kept


def computed(function, on, dtype):
    shapes = SHAPES.get(on) or [[len(part)] for part in POINTS[on]]
    inputs = [
        torch.tensor(part, dtype=dtype).reshape(shape).requires_grad_()
        for part, shape in zip(POINTS[on], shapes)
    ]
    y = function(*inputs * 2) if on == "twice" else function(*inputs)
    gradients = torch.autograd.grad(y, inputs, torch.ones_like(y), allow_unused=True)
    return [numbers(y), *map(numbers, gradients)]


def argument(given):
    """What PyTorch is called with."""
    ((kind, value),) = given.items()
    return float(value) if kind == "float" else value


def row(op, function, on, args=(), mask=None, **kwargs):
    given = {"mask": mask, "args": list(args), "kwargs": kwargs}
    made = {"op": op, **{name: some for name, some in given.items() if some}, "on": on}
    plain = [argument(x) for x in args]
    named = {name: argument(x) for name, x in kwargs.items()}
    masks = [torch.tensor(mask)] if mask else []
    bound = lambda x, *rest: function(x, *masks, *rest, *plain, **named)  # noqa: E731
    made["f64"] = computed(bound, on, torch.float64)
    made["f32"] = computed(bound, on, torch.float32)
    if (op, on) in OURS:
        made["ours"] = OURS[op, on]
    ROWS.append(made)


def main():
    assert torch.__version__.split("+")[0] == TORCH, f"needs PyTorch {TORCH}"
    for op, function in UNARY.items():
        row(op, function, "points")
    for name, decimals in [("0", 0), ("3", 3), ("neg_3", -3)]:
        row(f"round.decimals_{name}", torch.round, "points", decimals={"int": decimals})
    row("sinc", torch.sinc, "points")
    row("nan_to_num", torch.nan_to_num, "points")
    row("safe_sqrt", safe_sqrt, "points")
    for on in ("pairs", "twice", "broadcast"):
        row("safe_div", safe_div, on)
    for power in (-2, -1, 0, 1, 2, 3):
        row("powi", torch.pow, "points", [{"int": power}])
    for power in (-1.5, -0.5, 0.0, 0.5, 1.0, 1.7, 2.0):
        row("powf", torch.pow, "points", [{"float": power}])
    for base in (0.0, 0.5, 1.0, 2.5, -2.0):
        row("rpow", lambda x, base: torch.pow(base, x), "points", [{"float": base}])
    row("nn.functional.gelu", F.gelu, "points", approximate={"value": "none"})
    row("nn.functional.gelu", F.gelu, "points", approximate={"value": "tanh"})
    row("nn.functional.threshold", F.threshold, "points", [{"float": 0.5}, {"float": 20.0}])
    for op, function in BINARY.items():
        row(op, function, "pairs")
        row(op, function, "twice")
        row(op, function, "broadcast positive" if op in ("pow", "xlogy") else "broadcast")
    for mode in ("floor", "trunc"):
        for on in ("pairs", "twice", "broadcast"):
            row(f"div.{mode}_rounding", torch.div, on, rounding_mode={"value": mode})
    row("lerp", torch.lerp, "pairs", [{"float": 0.4}])
    for op in (torch.lerp, torch.addcmul, torch.addcdiv, torch.clamp):
        row(op.__name__, op, "triples")
    row("where", lambda x, mask, other: torch.where(mask, x, other), "two", mask=MASK)
    for value in (0.5, "inf", "nan"):
        row("masked_fill", torch.masked_fill, "points", [{"float": value}], mask=MASK)
        row("fill", torch.fill, "points", [{"float": value}])
    row("nn.functional.prelu", F.prelu, "slope")
    row("nn.functional.prelu", F.prelu, "zero slope")
    row("nn.functional.glu", F.glu, "halves")
    record = {"torch": torch.__version__, "points": {}, "shapes": SHAPES, "rows": []}
    record["points"] = {
        name: [numbers(torch.tensor(part, dtype=torch.float64)) for part in parts]
        for name, parts in POINTS.items()
    }
    text = json.dumps(record, separators=(",", ":")).removesuffix("]}")
    rows = ",\n".join(json.dumps(made, separators=(",", ":")) for made in ROWS)
    OUTPUT.write_text(f"{text}\n{rows}\n]}}\n")
    print(f"{len(ROWS)} rows, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
