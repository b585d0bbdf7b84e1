#!/usr/bin/env python3
"""Writes how PyTorch's optimisers move parameters in f16 and bf16, for the tests of the optim crate.

    pip install -r tools/requirements.txt
    python tools/optim_halves_golden.py

The output, crates/optim/tests/golden/halves.json, has for each method, set of options and dtype the
values of a matrix and a vector (Muon: the matrix alone) after the steps in `after`, twice: `half`, as
PyTorch computes them in that dtype, and `exact`, as it computes them in f64 from the same numbers. The
initial values and the gradients of each step are given, and are numbers of both dtypes; L-BFGS, which
evaluates its objective, minimises the sum of k (p - t)^2 instead.
"""

import json

import torch

import optim_golden as full

# Numbers of eight bits, which both dtypes hold.
INITIAL = [[1.5, -0.75, 0.3125, 0.8125, -1.125, 0.4375], [0.25, -1.75, 0.9375]]
SHAPES = [(3, 2), (3,)]
STEPS = 6
AFTER = [1, 2, STEPS]
GRADIENTS = [
    [[((7 * i + 5 * j + 3 * step) % 13 - 6.5) / 4 for i in range(len(x))] for j, x in enumerate(INITIAL)]
    for step in range(STEPS)
]
CURVATURE = [[0.5, 1.25, 0.25, 0.75, 1.0, 0.625], [2.0, 0.375, 0.75]]
TARGET = [[-1.0, 0.375, 2.125, -0.625, 0.75, 1.25], [1.75, -0.875, 0.3125]]

DTYPES = {"f16": torch.float16, "bf16": torch.bfloat16}

METHODS = {
    **full.METHODS,
    "SGD": [{"lr": 0.1}, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}],
    "Adafactor": full.ADAFACTOR,
    "Muon": full.MUON,
    "LBFGS": [{"lr": 0.3, "max_iter": 2}, {"line_search_fn": "strong_wolfe", "max_iter": 2}],
}


def tensors(lists, dtype):
    return [torch.tensor(x, dtype=dtype).reshape(shape) for x, shape in zip(lists, SHAPES)]


def step(optimizer, parameters, gradients, dtype):
    def closure():
        optimizer.zero_grad()
        terms = zip(parameters, tensors(CURVATURE, dtype), tensors(TARGET, dtype))
        loss = sum((k * (p - t) ** 2).sum() for p, k, t in terms)
        loss.backward()
        return loss

    if isinstance(optimizer, torch.optim.LBFGS):
        optimizer.step(closure)
        return
    for p, g in zip(parameters, tensors(gradients, dtype)):
        p.grad = g
    optimizer.step()


def trajectory(method, options, dtype):
    parameters = [p.requires_grad_() for p in tensors(INITIAL, dtype)][: 1 if method == "Muon" else 2]
    plain = {} if method in ("Adafactor", "Muon", "LBFGS") else {"foreach": False}
    optimizer = getattr(torch.optim, method)(parameters, **plain, **options)
    for gradients in GRADIENTS:
        step(optimizer, parameters, gradients, dtype)
        yield [x for p in parameters for x in p.detach().double().flatten().tolist()]


def run(method, options, dtype):
    half = list(trajectory(method, options, DTYPES[dtype]))
    exact = list(trajectory(method, options, torch.float64))
    exact = [[float(f"{x:.9g}") for x in values] for values in exact]
    half, exact = [[all[step - 1] for step in AFTER] for all in (half, exact)]
    return {"method": method, "options": options, "dtype": dtype, "half": half, "exact": exact}


def main():
    if torch.__version__.split("+")[0] != full.TORCH:
        raise SystemExit(f"the golden runs are those of torch {full.TORCH}, not {torch.__version__}")
    torch.set_num_threads(1)
    # Muon's iteration in the parameter's own dtype, so that the exact run is exact.
    torch.optim._muon._zeropower_via_newtonschulz = full.orthogonal
    problem = {
        "initial": INITIAL,
        "gradients": GRADIENTS,
        "curvature": CURVATURE,
        "target": TARGET,
        "after": AFTER,
    }
    runs = [
        run(method, options, dtype)
        for method, all in METHODS.items()
        for options in json.loads(json.dumps(all))
        for dtype in DTYPES
    ]
    full.write("halves.json", json.dumps(problem)[1:-1], runs)


if __name__ == "__main__":
    main()
