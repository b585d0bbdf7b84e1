"""A golden row: an operation of PyTorch on some inputs, its gradients and their gradients."""

import math

import numpy as np
import torch

NAN, INF = math.nan, math.inf
SPECIAL = [0.0, -0.0, 1e3, -1e3, 1e-30, -1e-30, INF, -INF, NAN]
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
