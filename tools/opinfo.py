#!/usr/bin/env python3
"""Writes cases of PyTorch's operator database, evaluated by PyTorch, for the conformance crate.

    pip install -r tools/requirements.txt
    python tools/opinfo.py OUTPUT [--seed N] [--op NAME]
    cargo run --release -p conformance -- OUTPUT

The operators are those of crates/conformance/data/ops.txt; docs/conformance.md has the format. Samples
are drawn as PyTorch's own tests draw them, on the CPU in float64, with the given seed. Of each
operator up to ten are kept: samples that are small, that PyTorch can differentiate, and that do not
depend on a random stream, of as many kinds (ranks, flags, names of arguments) as there are.
"""
import argparse
import json
import pathlib
import random
import shutil
import sys
import warnings
import zlib

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn.attention import SDPBackend, sdpa_kernel

warnings.filterwarnings("ignore")  # PyTorch's, about its own internals
from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402

TORCH = "2.15.0"
DATA = pathlib.Path(__file__).parents[1] / "crates/conformance/data"
CASES, ELEMENTS = 10, 2048
# Piecewise linear: its second derivative is zero, though PyTorch implements none.
NO_SECOND = ["nn.functional.hardsigmoid"]
KINDS = (torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool)


class Unfit(Exception):
    """A sample that the format cannot hold, or that is too large."""


def fullname(op):
    return f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name


def seed_everything(seed, name):
    seed = (zlib.crc32(name.encode()) + seed) % 2**32
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)


def plain(x):
    """A copy in row-major order: the layouts of the samples are not part of the cases."""
    return x.detach().resolve_conj().resolve_neg().contiguous().clone()


class Inputs:
    """The tensors of a sample, by name, and the sample with those in their place."""

    def __init__(self, case):
        self.case, self.tensors = case, {}

    def encode(self, x, name):
        if isinstance(x, torch.Tensor):
            if x.dtype not in KINDS or x.layout != torch.strided:
                raise Unfit(f"a tensor of {x.dtype}, {x.layout}")
            self.tensors[name] = plain(x).requires_grad_(x.requires_grad)
            return {"tensor": name, "requires_grad": x.requires_grad}
        if isinstance(x, (list, tuple)):
            return {"list": [self.encode(part, f"{name}.{i}") for i, part in enumerate(x)]}
        if isinstance(x, bool) or x is None or isinstance(x, str):
            return {"value": x}
        if isinstance(x, (int, np.integer)):
            return {"int": int(x)}
        if isinstance(x, float):
            return {"float": x if np.isfinite(x) else str(x)}
        if x is torch.float64:
            return {"dtype": str(x)}
        raise Unfit(f"an argument of {type(x)}")

    def decode(self, argument, tensors):
        (kind, value) = next(item for item in argument.items() if item[0] != "requires_grad")
        if kind == "tensor":
            return tensors[value]
        if kind == "list":
            return [self.decode(part, tensors) for part in value]
        if kind == "dtype":
            return torch.float64
        return float(value) if kind == "float" else value


def call(op, inputs, args, kwargs):
    """The outputs on fresh copies, since some operators write to their arguments."""
    tensors = {name: plain(x).requires_grad_(x.requires_grad) for name, x in inputs.tensors.items()}
    args = [inputs.decode(x, tensors) for x in args]
    outputs = op.op(*args, **{name: inputs.decode(x, tensors) for name, x in kwargs.items()})
    outputs = [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)
    if not all(isinstance(y, torch.Tensor) and y.dtype in KINDS for y in outputs):
        raise Unfit("an output that is not a tensor of a dtype of ours")
    return outputs, {name: x for name, x in tensors.items() if x.requires_grad}


def found(xs, gradients):
    return {name: g for name, g in zip(xs, gradients) if g is not None}


def evaluate(op, sample, number):
    """A case, and its tensors by name."""
    prefix = f"{number:03}"
    inputs = Inputs(prefix)
    given = [sample.input, *sample.args]
    args = [inputs.encode(x, f"{prefix}.arg{i}") for i, x in enumerate(given)]
    kwargs = {name: inputs.encode(x, f"{prefix}.{name}") for name, x in sample.kwargs.items()}
    if sum(x.numel() for x in inputs.tensors.values()) > ELEMENTS:
        raise Unfit("too large")
    outputs, xs = call(op, inputs, args, kwargs)
    again, _ = call(op, inputs, args, kwargs)
    if not all(torch.equal(a.nan_to_num(), b.nan_to_num()) for a, b in zip(outputs, again)):
        raise Unfit("random")
    if sum(y.numel() for y in outputs) > ELEMENTS:
        raise Unfit("too large")
    tensors = dict(inputs.tensors)
    case = {"id": f"{fullname(op)}/{prefix}", "args": args, "kwargs": kwargs, "outputs": []}
    roots, cotangents = [], []
    for i, y in enumerate(outputs):
        name = f"{prefix}.out{i}"
        tensors[name] = y
        case["outputs"].append({"tensor": name})
        if y.requires_grad:
            roots.append(y)
            cotangents.append(torch.randn_like(y))
            tensors[f"{name}.cot"] = cotangents[-1]
            case["outputs"][-1]["cotangent"] = f"{name}.cot"
    first, second, along = {}, {}, {}
    if roots and xs:
        options = {"allow_unused": True, "create_graph": True}
        first = found(xs, torch.autograd.grad(roots, [*xs.values()], cotangents, **options))
        along = {name: torch.randn_like(g) for name, g in first.items() if g.requires_grad}
    if fullname(op) in NO_SECOND:
        along = {}
    if along:
        s = sum((first[name] * v).sum() for name, v in along.items())
        second = found(xs, torch.autograd.grad(s, [*xs.values()], allow_unused=True))
    kinds = [("grads", "grad", first), ("grad_grads", "gradgrad", second)]
    for field, suffix, values in kinds + [("directions", "dir", along)] * bool(along):
        case[field] = {name: f"{name}.{suffix}" for name in values}
        tensors.update({f"{name}.{suffix}": x for name, x in values.items()})
    return case, {name: plain(x) for name, x in tensors.items()}


def kind(case, tensors):
    """What distinguishes a sample: its arguments without the numbers, and the inputs' shapes."""

    def shape(argument):
        if "tensor" in argument:
            return tensors[argument["tensor"]].shape, argument["requires_grad"]
        if "list" in argument:
            return [shape(part) for part in argument["list"]]
        return argument.get("value", next(iter(argument)))

    arguments = [shape(x) for x in case["args"]], sorted(case["kwargs"])
    return str(arguments), str([shape(x) for x in case["kwargs"].values()])


def select(cases):
    """Up to ten: one of each kind first, evenly spread, then others."""
    seen, firsts, others = set(), [], []
    for i, (case, tensors) in enumerate(cases):
        key = kind(case, tensors)
        (others if key in seen else firsts).append(i)
        seen.add(key)

    def spread(some, count):
        count = min(count, len(some))
        return [some[i * len(some) // count] for i in range(count)]

    chosen = spread(firsts, CASES)
    return [cases[i] for i in sorted(chosen + spread(others, CASES - len(chosen)))]


def renumbered(case, tensors, number):
    """The case under a number of its own."""
    old, new = case["id"].rsplit("/", 1)[1], f"{number:03}"
    text = json.dumps(case).replace(f'"{old}.', f'"{new}.').replace(f'/{old}"', f'/{new}"')
    return json.loads(text), {new + name[len(old) :]: x for name, x in tensors.items()}


def write(op, folder, seed):
    name = fullname(op)
    seed_everything(seed, name)
    samples = op.sample_inputs("cpu", torch.float64, requires_grad=True, set_seed=False)
    cases = []
    for i, sample in enumerate(samples):
        try:
            cases.append(evaluate(op, sample, i))
        except Unfit:
            pass
        except RuntimeError as error:
            print(f"{name}, sample {i}: {str(error).splitlines()[0]}", file=sys.stderr)
    cases = [renumbered(*case, i) for i, case in enumerate(select(cases))]
    tensors = {key: x for _, some in cases for key, x in some.items()}
    record = {"op": op.name, "variant": op.variant_test_name, "torch": torch.__version__}
    record |= {"seed": seed, "cases": [case for case, _ in cases]}
    (folder / name).mkdir(parents=True)
    text = json.dumps(record, separators=(",", ":"))
    (folder / name / "cases.json").write_text(text)
    save_file(tensors, folder / name / "tensors.safetensors")
    return len(cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--op", help="one operator alone")
    options = parser.parse_args()
    assert torch.__version__.split("+")[0] == TORCH, f"needs PyTorch {TORCH}"
    names = [options.op] if options.op else (DATA / "ops.txt").read_text().split()
    ops = {fullname(op): op for op in op_db}
    total = 0
    for name in names:
        shutil.rmtree(options.output / name, ignore_errors=True)
        with sdpa_kernel(SDPBackend.MATH):  # the one that can be differentiated twice
            total += write(ops[name], options.output, options.seed)
    (options.output / "ops.txt").write_text("".join(f"{name}\n" for name in names))
    print(f"{total} cases of {len(names)} operators")


if __name__ == "__main__":
    main()
