#!/usr/bin/env python3
"""Writes what PyTorch computes for linear layers, losses and initialisers, for the tests of the nn
crate.

    pip install -r tools/requirements.txt
    python tools/nn_golden.py

crates/nn/tests/golden/linear.json is a list of rows:

    name        what the row is about
    x, weight, bias          the input and the parameters; the bias may be null
    y           the output
    cotangent   g, in the shape of y
    dx, dweight, dbias       the gradients of <y, g>; dbias may be null

crates/nn/tests/golden/mse_loss.json is a list of rows:

    name        what the row is about
    reduction   "none", "mean" or "sum"
    input, target            what the loss is of
    loss        the value
    cotangent   g, in the shape of the loss
    dinput, dtarget          the gradients of <loss, g>

crates/nn/tests/golden/init.json is a list of rows:

    name        the initialiser
    shape       of the parameter
    a, b        its arguments; null if there are none
    draws       "uniform" with low and high, or "normal" with mean and deviation
    parameters  those two numbers
    data        what a fixed initialiser sets; these rows have no "draws"

crates/nn/tests/golden/layer_init.json has the same, and no a and b, for the parameters of layers:

    name        the layer and its parameter
    args        of the constructor

A tensor is {"shape", "data"} in f64; an element is a number, or "nan" where there is none.
"""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

TORCH = "2.15.0"
FOLDER = pathlib.Path(__file__).parents[1] / "crates/nn/tests/golden"
RNG = np.random.default_rng(20261102)


def normal(*shape):
    """Random numbers with few digits."""
    return torch.tensor(np.round(RNG.standard_normal(shape), 3)).reshape(shape).requires_grad_()


def encoded(x):
    if x is None:
        return None
    data = [v if math.isfinite(v) else str(v) for v in x.detach().reshape(-1).tolist()]
    return {"shape": list(x.shape), "data": data}


def linear_row(name, x_shape, outputs, has_bias):
    x, weight = normal(*x_shape), normal(outputs, x_shape[-1])
    bias = normal(outputs) if has_bias else None
    y = F.linear(x, weight, bias)
    g = normal(*y.shape)
    leaves = [x, weight] + [bias] * has_bias
    dx, dweight, *dbias = torch.autograd.grad(y, leaves, g)
    row = {"x": x, "weight": weight, "bias": bias, "y": y, "cotangent": g}
    row |= {"dx": dx, "dweight": dweight, "dbias": dbias[0] if has_bias else None}
    return {"name": name} | {key: encoded(value) for key, value in row.items()}


def linear():
    for has_bias in [True, False]:
        end = "with bias" if has_bias else "without bias"
        for name, x_shape, outputs in [
            ("one sample without a batch", [3], 2),
            ("a batch", [5, 3], 2),
            ("a batch of one", [1, 4], 3),
            ("a batch of sequences", [2, 4, 3], 5),
            ("a fourth axis", [2, 1, 3, 2], 2),
            ("one feature and one output", [4, 1], 1),
            ("an empty batch", [0, 3], 2),
            ("no features", [2, 0], 3),
            ("no outputs", [2, 3], 0),
        ]:
            yield linear_row(f"{name}, {end}", x_shape, outputs, has_bias)


def mse_loss():
    for shape in [[], [1], [4], [2, 3], [2, 2, 2], [0]]:
        for reduction in ["none", "mean", "sum"]:
            x, target = normal(*shape), normal(*shape)
            loss = F.mse_loss(x, target, reduction=reduction)
            g = normal(*loss.shape)
            dinput, dtarget = torch.autograd.grad(loss, [x, target], g)
            row = {"input": x, "target": target, "loss": loss, "cotangent": g}
            row |= {"dinput": dinput, "dtarget": dtarget}
            start = {"name": f"{reduction} of {shape}", "reduction": reduction}
            yield start | {key: encoded(value) for key, value in row.items()}


class Draws:
    """Records with which numbers PyTorch's initialisers draw."""

    def __enter__(self):
        self.calls = []
        self.before = torch.Tensor.uniform_, torch.Tensor.normal_

        def recorder(kind, defaults):
            def record(x, first=defaults[0], second=defaults[1], **_):
                self.calls.append((list(x.shape), kind, [float(first), float(second)]))
                return x

            return record

        torch.Tensor.uniform_ = recorder("uniform", (0.0, 1.0))
        torch.Tensor.normal_ = recorder("normal", (0.0, 1.0))
        return self

    def __exit__(self, *_):
        torch.Tensor.uniform_, torch.Tensor.normal_ = self.before


def drawn(name, shape, a, b, call):
    with Draws() as draws:
        call(torch.empty(shape))
    [(_, kind, parameters)] = draws.calls
    return {"name": name, "shape": shape, "a": a, "b": b, "draws": kind, "parameters": parameters}


def init():
    from torch.nn import init as I

    for shape in [[64, 36], [12, 18, 3], [16, 8, 3, 2]]:
        for gain in [1.0, 5 / 3]:
            for f in [I.xavier_uniform_, I.xavier_normal_]:
                name = f.__name__.rstrip("_")
                yield drawn(name, shape, gain, None, lambda x: f(x, gain))
        for mode in ["fan_in", "fan_out"]:
            for what in ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]:
                for f in [I.kaiming_uniform_, I.kaiming_normal_]:
                    name = f.__name__.rstrip("_")
                    call = lambda x: f(x, a=0.25, mode=mode, nonlinearity=what)
                    yield drawn(name, shape, mode, what, call)
    for shape in [[3, 3], [2, 4], [4, 2]]:
        row = {"name": "eye", "shape": shape, "a": None, "b": None}
        yield row | {"data": I.eye_(torch.empty(shape)).reshape(-1).tolist()}
    for shape, groups in [([3, 3, 3], 1), ([4, 2, 2], 2), ([6, 2, 3, 4], 3), ([2, 5, 1, 2], 1)]:
        row = {"name": "dirac", "shape": shape, "a": groups, "b": None}
        yield row | {"data": I.dirac_(torch.empty(shape), groups).reshape(-1).tolist()}


def layer_init():
    from torch import nn

    for name, args, kwargs in [
        ("Linear", [36, 24], {}),
        ("Bilinear", [36, 7, 24], {}),
        ("Embedding", [30, 40], {}),
        ("Conv1d", [6, 24, 5], {}),
        ("Conv2d", [6, 24, 3], {"groups": 2}),
        ("ConvTranspose1d", [6, 24, 5], {}),
        ("ConvTranspose2d", [6, 24, 3], {"groups": 2}),
    ]:
        with Draws() as draws:
            getattr(nn, name)(*args, **kwargs)
        for part, (shape, kind, parameters) in zip(["weight", "bias"], draws.calls):
            row = {"name": f"{name}.{part}", "args": args, "shape": shape}
            yield row | {"draws": kind, "parameters": parameters}


def main():
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the golden rows are those of torch {TORCH}, not {torch.__version__}")
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for table in [linear, mse_loss, init, layer_init]:
        lines = [json.dumps(row, allow_nan=False) for row in table()]
        path = FOLDER / f"{table.__name__}.json"
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
        print(f"{path}: {len(lines)} rows, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
