#!/usr/bin/env python3
"""Writes what torch.func says of some functions, for the tests of `tensor::func`.

    pip install -r tools/requirements.txt
    python tools/transforms_golden.py

The output, crates/tensor/tests/golden/transforms.json, maps the name of a function to

    inputs     the point, one tensor for each input
    tangents   a direction v, like the inputs
    cotangent  g, like the value
    value, vjp, jvp, jacobian
    hvp, hessian, for functions with one element; hessian[i][j] as torch.func.hessian nests them

Each tensor is its shape and its elements in row-major order, in f64. The functions are written again
in Rust, in crates/tensor/tests/suite/transforms/golden.rs.
"""

import json
import pathlib

import torch
from torch.func import grad, hessian, jacrev, jvp, vjp

from golden_row import normal

TORCH = "2.15.0"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/tensor/tests/golden/transforms.json"


def rosenbrock(x):
    return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


def perceptron(x, w, b, v):
    return (torch.tanh(x @ w + b) @ v).square().mean()


def gradient_norm(x):
    return grad(lambda x: (x.sin() * x.exp()).sum())(x).square().sum()


FUNCTIONS = {
    "wave": (lambda x: x.sin() * x.exp(), [normal(4)]),
    "product": (lambda a, b: a @ b, [normal(2, 3), normal(3, 2)]),
    "softmax": (lambda x: torch.softmax(x, -1), [normal(2, 3)]),
    "outer": (lambda x, y: torch.outer(x, y), [normal(5), normal(1)]),
    "many from one": (lambda x: torch.stack([x, x**2, x**3, x.exp()]), [normal()]),
    "ignores its second input": (lambda x, y: x.square().sum(), [normal(2), normal(3)]),
    "constant": (lambda x: torch.ones(2, dtype=torch.float64), [normal(2)]),
    "rosenbrock": (rosenbrock, [normal(4)]),
    "perceptron": (perceptron, [normal(3, 2), normal(2, 3), normal(3), normal(3)]),
    "norm of a gradient": (gradient_norm, [normal(3)]),
}


def encoded(x):
    if isinstance(x, torch.Tensor):
        return {"shape": list(x.shape), "data": x.detach().reshape(-1).tolist()}
    return [encoded(y) for y in x]


def row(f, inputs):
    tangents = [normal(*x.shape) for x in inputs]
    value, pull = vjp(f, *inputs)
    cotangent = normal(*value.shape)
    every = tuple(range(len(inputs)))
    result = {
        "inputs": inputs,
        "tangents": tangents,
        "cotangent": cotangent,
        "value": value,
        "vjp": pull(cotangent),
        "jvp": jvp(f, tuple(inputs), tuple(tangents))[1],
        "jacobian": jacrev(f, every)(*inputs),
    }
    if value.numel() == 1:
        result["hvp"] = jvp(grad(f, every), tuple(inputs), tuple(tangents))[1]
        result["hessian"] = hessian(f, every)(*inputs)
    return {key: encoded(x) for key, x in result.items()}


def main():
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the golden rows are those of torch {TORCH}, not {torch.__version__}")
    torch.set_num_threads(1)
    rows = {name: row(f, inputs) for name, (f, inputs) in FUNCTIONS.items()}
    lines = (f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{OUTPUT}: {len(rows)} rows, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
