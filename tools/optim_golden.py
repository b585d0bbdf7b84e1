#!/usr/bin/env python3
"""Writes how PyTorch's SGD moves two parameters, for the tests of the optim crate.

    pip install -r tools/requirements.txt
    python tools/optim_golden.py

The output, crates/optim/tests/golden/sgd.json, has the problem and the runs on it. The problem:

    initial    the values of the parameters u and v, in f64
    curvature  k, one number for each element
    target     t, one number for each element
    coupling   c

    loss = sum of k (p - t)^2 over the elements p of u and v + c (sum of u) (sum of v)

A run has a name, the options of its groups (u is in the first group and v in the last; options that
are absent are the defaults), and the values of u and v after each of 20 steps.
"""

import json
import pathlib

import torch

TORCH = "2.15.0"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/optim/tests/golden/sgd.json"
STEPS = 20

PROBLEM = {
    "initial": [[1.5, -0.75, 0.3], [-2.25, 0.6]],
    "curvature": [[0.5, 1.25, 0.2], [0.8, 2.0]],
    "target": [[-1.0, 0.4, 2.1], [1.7, -0.9]],
    "coupling": 0.15,
}

# The options of each group; with one group both parameters are in it.
RUNS = {
    "plain": [{"lr": 0.1}],
    "the default learning rate": [{}],
    "momentum": [{"lr": 0.05, "momentum": 0.9}],
    "momentum and dampening": [{"lr": 0.05, "momentum": 0.9, "dampening": 0.3}],
    "full dampening": [{"lr": 0.05, "momentum": 0.5, "dampening": 1.0}],
    "dampening without momentum": [{"lr": 0.05, "dampening": 0.5}],
    "nesterov": [{"lr": 0.05, "momentum": 0.8, "nesterov": True}],
    "weight decay": [{"lr": 0.1, "weight_decay": 0.2}],
    "momentum and weight decay": [{"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1}],
    "nesterov and weight decay": [
        {"lr": 0.05, "momentum": 0.7, "weight_decay": 0.1, "nesterov": True}
    ],
    "maximize": [{"lr": 0.01, "maximize": True}],
    "maximize with everything": [
        {"lr": 0.01, "momentum": 0.6, "dampening": 0.2, "weight_decay": 0.3, "maximize": True}
    ],
    "two groups": [{"lr": 0.1}, {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.05}],
    "two groups, one of them still": [{"lr": 0.0}, {"lr": 0.05, "momentum": 0.9, "nesterov": True}],
}


def tensors(name):
    return [torch.tensor(x, dtype=torch.float64) for x in PROBLEM[name]]


def loss(parameters):
    curvature, target = tensors("curvature"), tensors("target")
    squares = zip(curvature, parameters, target)
    u, v = parameters
    return sum((k * (p - t) ** 2).sum() for k, p, t in squares) + PROBLEM["coupling"] * u.sum() * v.sum()


def run(name, groups):
    parameters = [p.requires_grad_() for p in tensors("initial")]
    members = [parameters] if len(groups) == 1 else [[p] for p in parameters]
    with_options = [{"params": p, **options} for p, options in zip(members, groups)]
    optimizer = torch.optim.SGD(with_options)
    trajectory = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(parameters).backward()
        optimizer.step()
        trajectory.append([p.tolist() for p in parameters])
    return {"name": name, "groups": groups, "trajectory": trajectory}


def main():
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the golden runs are those of torch {TORCH}, not {torch.__version__}")
    torch.set_num_threads(1)
    runs = [run(name, groups) for name, groups in RUNS.items()]
    lines = ",\n".join(json.dumps(run, allow_nan=False) for run in runs)
    text = f'{{"problem": {json.dumps(PROBLEM)},\n"runs": [\n{lines}\n]}}\n'
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(text, encoding="utf-8")
    print(f"{OUTPUT}: {len(runs)} runs, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
