#!/usr/bin/env python3
"""Writes how PyTorch's optimisers move two parameters, for the tests of the optim crate.

    pip install -r tools/requirements.txt
    python tools/optim_golden.py

The output, crates/optim/tests/golden/{sgd,methods,matrices}.json, has the problem and the runs on it. The
problem:

    initial    the values of the parameters u and v, in f64
    curvature  k, one number for each element
    target     t, one number for each element
    coupling   c

    loss = sum of k (p - t)^2 over the elements p of u and v + c (sum of u) (sum of v)

A run has a name, the options of its groups (u is in the first group and v in the last; options that
are absent are the defaults), and the values of u and v after each of 20 steps. In methods.json a run
also names its optimiser, and has the values after the steps in `after` alone. Its options are those
of PyTorch's own database of optimisers (`optim_db`) without what does not change what is computed
(foreach, fused, capturable, differentiable), and a few more; the last step is the 50th. matrices.json has the methods that
look at a parameter as a whole, on a problem of its own (`matrix_loss`); Muon's runs are those of its
iteration in f64, with PyTorch's own in bfloat16 beside; those of L-BFGS have losses.
"""

import json
import pathlib

import torch
from torch.testing._internal.common_optimizers import optim_db

TORCH = "2.15.0"
FOLDER = pathlib.Path(__file__).parents[1] / "crates/optim/tests/golden"
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

AFTER = [1, 2, 5, 10, 20, 50]
DECAYED = {"weight_decay": 0.1}
MAXIMIZED = {"weight_decay": 0.1, "maximize": True}
ADAM = [
    {},
    {"lr": 0.01},
    DECAYED,
    MAXIMIZED,
    {"amsgrad": True},
    {**DECAYED, "amsgrad": True, "lr": 0.1},
    {"betas": [0.8, 0.95], "eps": 1e-4, "lr": 0.05},
]
DECOUPLED = {**DECAYED, "decoupled_weight_decay": True}
METHODS = {
    "SGD": [],
    "Adam": ADAM,
    "AdamW": ADAM,
    "NAdam": [
        {},
        {"lr": 1e-3},
        {"lr": 0.05, "momentum_decay": 6e-3},
        {**DECAYED, "momentum_decay": 6e-3},
        {**DECOUPLED, "momentum_decay": 6e-3},
        MAXIMIZED,
    ],
    "RAdam": [{}, {"lr": 2e-3}, {"eps": 1e-6}, DECAYED, {**DECOUPLED, "lr": 0.05}, MAXIMIZED],
    "Adamax": [{}, DECAYED, MAXIMIZED, {"lr": 0.05, "betas": [0.8, 0.95]}],
    "Adagrad": [
        {},
        DECAYED,
        MAXIMIZED,
        {"lr": 0.1},
        {"initial_accumulator_value": 0.1, "weight_decay": 0.1},
        {"lr": 0.1, "lr_decay": 0.5, "weight_decay": 0.1},
    ],
    "Adadelta": [{}, DECAYED, MAXIMIZED, {"rho": 0.95, "weight_decay": 0.9}, {"lr": 0.5, "eps": 1e-3}],
    "RMSprop": [
        {},
        {"lr": 1e-3},
        DECAYED,
        {**DECAYED, "centered": True},
        {**DECAYED, "centered": True, "momentum": 0.1},
        {"momentum": 0.9, "alpha": 0.9},
        {**MAXIMIZED, "momentum": 0.1},
    ],
    "Rprop": [
        {},
        {"lr": 2e-4},
        {"etas": [0.5, 1.5]},
        {"step_sizes": [2e-6, 0.2], "lr": 0.1},
        {"maximize": True, "lr": 1e-3},
    ],
    "ASGD": [
        {"lambd": 0.1},
        {"lr": 0.02},
        {"t0": 20},
        {"t0": 20, "weight_decay": 0.1, "lambd": 0.1, "alpha": 0.5},
        {"maximize": True, "weight_decay": 0.1, "lr": 1e-3},
    ],
}


# The problem of the methods that look at a parameter as a whole: two matrices and a vector, and
# the coupling 0.1 times the sum of sin(first matrix · second matrix).
MATRICES = {
    "initial": [
        [[1.5, -0.75], [0.3, 0.8], [-1.1, 0.45]],
        [[0.6, -0.2, 1.3, 0.7], [-0.9, 0.5, 0.1, -1.4]],
        [0.25, -1.75, 0.9],
    ],
    "curvature": [
        [[0.5, 1.25], [0.2, 0.8], [1.1, 0.6]],
        [[0.9, 0.4, 1.5, 0.7], [0.3, 1.2, 0.8, 0.5]],
        [2.0, 0.3, 0.7],
    ],
    "target": [
        [[-1.0, 0.4], [2.1, -0.6], [0.7, 1.2]],
        [[0.2, 1.1, -0.8, 0.5], [1.4, -0.3, 0.6, 0.9]],
        [1.7, -0.9, 0.3],
    ],
}
ADAFACTOR = [
    {},
    {"lr": 0.1},
    {"weight_decay": 0.1, "lr": 0.1},
    {"beta2_decay": -0.5, "eps": [1e-6, 1e-2], "d": 1.5, "lr": 0.2},
    {"maximize": True, "weight_decay": 0.1},
]
MUON = [
    {},
    {"lr": 0.02, "momentum": 0.9},
    {"lr": 0.02, "nesterov": False, "weight_decay": 0.0},
    {"lr": 0.05, "adjust_lr_fn": "match_rms_adamw"},
    {"lr": 0.05, "adjust_lr_fn": "spectral_unclamped", "ns_steps": 3},
]
LBFGS = [
    {},
    {"lr": 0.3},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "max_iter": 4, "history_size": 2},
    {"lr": 0.1, "max_iter": 3, "history_size": 2},
    {"maximize": True, "line_search_fn": "strong_wolfe", "max_iter": 5},
]


# What does not change the result; and the optimiser of sparse gradients, which do not exist here.
IMPLEMENTATION = ["foreach", "fused", "capturable", "differentiable"]
OUTSIDE = {"SparseAdam"}


def database(method):
    """The options of PyTorch's database; a learning rate in a tensor is the number."""
    (info,) = [info for info in optim_db if info.optim_cls.__name__ == method]
    for sample in info.optim_inputs_func(device="cpu"):
        options = {k: v for k, v in sample.kwargs.items() if k not in IMPLEMENTATION}
        yield {k: round(float(v), 6) if torch.is_tensor(v) else v for k, v in options.items()}


def with_database(method, options):
    """These options and those of the database, each once."""
    found = []
    for one in [*options, *database(method)]:
        one = json.loads(json.dumps(one))  # lists for tuples
        if one not in found:
            found.append(one)
    return found


def tensors(name, problem=PROBLEM):
    return [torch.tensor(x, dtype=torch.float64) for x in problem[name]]


def loss(parameters):
    curvature, target = tensors("curvature"), tensors("target")
    squares = zip(curvature, parameters, target)
    u, v = parameters
    return sum((k * (p - t) ** 2).sum() for k, p, t in squares) + PROBLEM["coupling"] * u.sum() * v.sum()


def trajectory(optimizer, parameters, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss(parameters).backward()
        optimizer.step()
        yield [p.tolist() for p in parameters]


def run(name, groups):
    parameters = [p.requires_grad_() for p in tensors("initial")]
    members = [parameters] if len(groups) == 1 else [[p] for p in parameters]
    with_options = [{"params": p, **options} for p, options in zip(members, groups)]
    optimizer = torch.optim.SGD(with_options)
    return {
        "name": name,
        "groups": groups,
        "trajectory": list(trajectory(optimizer, parameters, STEPS)),
    }


def method_run(method, options):
    parameters = [p.requires_grad_() for p in tensors("initial")]
    optimizer = getattr(torch.optim, method)(parameters, foreach=False, **options)
    values = list(trajectory(optimizer, parameters, AFTER[-1]))
    return {"method": method, "options": options, "values": [values[step - 1] for step in AFTER]}


def matrix_loss(parameters):
    curvature, target = tensors("curvature", MATRICES), tensors("target", MATRICES)
    squares = zip(curvature, parameters, target)
    u, v = parameters[:2]
    return sum((k * (p - t) ** 2).sum() for k, p, t in squares) + 0.1 * (u @ v).sin().sum()


def matrix_run(method, options):
    chosen = 2 if method == "Muon" else 3
    parameters = [p.requires_grad_() for p in tensors("initial", MATRICES)][:chosen]
    optimizer = getattr(torch.optim, method)(parameters, **options)
    values = []
    for _ in range(AFTER[-1]):
        optimizer.zero_grad()
        matrix_loss(parameters).backward()
        optimizer.step()
        values.append([p.flatten().tolist() for p in parameters])
    return {"method": method, "options": options, "values": [values[step - 1] for step in AFTER]}


def orthogonal(grad, coefficients, steps, eps):
    """Muon's published iteration, in the gradient's own dtype and not in bfloat16."""
    a, b, c = coefficients
    x = grad.T if grad.size(0) > grad.size(1) else grad
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x


def muon_runs():
    """Each run in f64, and as PyTorch computes it: in bfloat16."""
    all = with_database("Muon", MUON)
    halves = [matrix_run("Muon", options) for options in all]
    torch.optim._muon._zeropower_via_newtonschulz = orthogonal
    runs = [matrix_run("Muon", options) for options in all]
    return [{**run, "bfloat16": half["values"]} for run, half in zip(runs, halves)]


def lbfgs_run(options):
    parameters = [p.requires_grad_() for p in tensors("initial", MATRICES)]
    optimizer = torch.optim.LBFGS(parameters, **options)
    values, losses = [], []

    def closure():
        optimizer.zero_grad()
        loss = matrix_loss(parameters) * (-1 if options.get("maximize") else 1)
        loss.backward()
        return loss

    for _ in range(AFTER[-1]):
        losses.append(float(optimizer.step(closure)))
        values.append([p.flatten().tolist() for p in parameters])
    losses, values = [[all[step - 1] for step in AFTER] for all in (losses, values)]
    return {"method": "LBFGS", "options": options, "losses": losses, "values": values}


def write(name, head, runs):
    lines = ",\n".join(json.dumps(run, allow_nan=False) for run in runs)
    path = FOLDER / name
    path.write_text(f'{{{head},\n"runs": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{path}: {len(runs)} runs, {path.stat().st_size} bytes")


def main():
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the golden runs are those of torch {TORCH}, not {torch.__version__}")
    torch.set_num_threads(1)
    # NAdam and ASGD keep numbers of their state in the default dtype.
    torch.set_default_dtype(torch.float64)
    known = {info.optim_cls.__name__ for info in optim_db}
    assert known == {*METHODS, "Adafactor", "Muon", "LBFGS", *OUTSIDE}, known
    FOLDER.mkdir(parents=True, exist_ok=True)
    head = f'"problem": {json.dumps(PROBLEM)}'
    write("sgd.json", head, [run(name, groups) for name, groups in RUNS.items()])
    runs = [
        method_run(method, options)
        for method, own in METHODS.items()
        for options in with_database(method, own)
    ]
    write("methods.json", f'{head}, "after": {json.dumps(AFTER)}', runs)
    head = f'"problem": {json.dumps(MATRICES)}, "after": {json.dumps(AFTER)}'
    runs = [matrix_run("Adafactor", options) for options in with_database("Adafactor", ADAFACTOR)]
    searches = [lbfgs_run(options) for options in with_database("LBFGS", LBFGS)]
    write("matrices.json", head, runs + muon_runs() + searches)


if __name__ == "__main__":
    main()
