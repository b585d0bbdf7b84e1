#!/usr/bin/env python3
"""Writes the learning rates of PyTorch's schedulers, for the tests of the optim crate.

    pip install -r tools/requirements.txt
    python tools/schedules_golden.py

The output, crates/optim/tests/golden/schedules.json, has for each name of a schedule (the test knows
its options, which stand here) the rates of 201 steps; the rate was 0.5 at first. `plateau` has the
metrics too.
"""

import json
import math
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler as s

TORCH = "2.15.0"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/optim/tests/golden/schedules.json"
INITIAL, STEPS = 0.5, 200

SCHEDULES = {
    "step": lambda o: s.StepLR(o, step_size=30, gamma=0.3),
    "multi_step": lambda o: s.MultiStepLR(o, milestones=[20, 80, 80, 150], gamma=0.4),
    "exponential": lambda o: s.ExponentialLR(o, gamma=0.98),
    "constant": lambda o: s.ConstantLR(o, factor=0.25, total_iters=40),
    "linear": lambda o: s.LinearLR(o, start_factor=0.2, end_factor=0.9, total_iters=70),
    "polynomial": lambda o: s.PolynomialLR(o, total_iters=150, power=1.7),
    "lambda": lambda o: s.LambdaLR(o, lambda t: 1 / (1 + 0.1 * t)),
    "cosine": lambda o: s.CosineAnnealingLR(o, T_max=60, eta_min=0.01),
    "restarts": lambda o: s.CosineAnnealingWarmRestarts(o, T_0=25, T_mult=1, eta_min=0.02),
    "longer_restarts": lambda o: s.CosineAnnealingWarmRestarts(o, T_0=10, T_mult=2),
    "one_cycle": lambda o: s.OneCycleLR(o, max_lr=2.0, total_steps=201),
    "one_cycle_linear": lambda o: s.OneCycleLR(
        o, max_lr=1.5, total_steps=201, pct_start=0.25, anneal_strategy="linear",
        div_factor=10.0, final_div_factor=100.0, three_phase=True,
    ),
    "cyclic": lambda o: s.CyclicLR(o, base_lr=0.1, max_lr=0.7, step_size_up=20, step_size_down=35),
    "cyclic_halved": lambda o: s.CyclicLR(o, 0.1, 0.7, step_size_up=25, mode="triangular2"),
    "cyclic_exponential": lambda o: s.CyclicLR(
        o, 0.1, 0.7, step_size_up=15, mode="exp_range", gamma=0.99
    ),
    "chained": lambda o: s.ChainedScheduler(
        [s.LinearLR(o, start_factor=0.1, total_iters=20), s.ExponentialLR(o, gamma=0.97)]
    ),
    "sequential": lambda o: s.SequentialLR(
        o,
        [
            s.LinearLR(o, start_factor=0.1, total_iters=20),
            s.CosineAnnealingLR(o, T_max=100, eta_min=0.05),
            s.ExponentialLR(o, gamma=0.9),
        ],
        milestones=[20, 120],
    ),
}
PLATEAUS = {
    "plateau": {"factor": 0.5, "patience": 5},
    "plateau_absolute": {"mode": "max", "factor": 0.6, "patience": 3, "threshold": 0.02,
                         "threshold_mode": "abs", "cooldown": 4, "min_lr": 0.03},
}


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=INITIAL, momentum=0.9)


def rates(make):
    o = optimizer()
    scheduler = make(o)
    out = [o.param_groups[0]["lr"]]
    for _ in range(STEPS):
        o.step()
        scheduler.step()
        out.append(o.param_groups[0]["lr"])
    return out


def plateau(options):
    o = optimizer()
    scheduler = s.ReduceLROnPlateau(o, **options)
    metrics = [1 / (1 + t) + 0.1 * math.sin(t) for t in range(STEPS)]
    out = []
    for metric in metrics:
        scheduler.step(metric)
        out.append(o.param_groups[0]["lr"])
    return {"metrics": metrics, "rates": out}


def main():
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the golden rates are those of torch {TORCH}, not {torch.__version__}")
    warnings.simplefilter("ignore")
    golden = {name: rates(make) for name, make in SCHEDULES.items()}
    golden |= {name: plateau(options) for name, options in PLATEAUS.items()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in golden.items())
    OUTPUT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    print(f"{OUTPUT}: {len(golden)} schedules, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
