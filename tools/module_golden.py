#!/usr/bin/env python3
"""Writes cases of PyTorch's module database, evaluated by PyTorch, for the tests of the nn crate.

    pip install -r tools/requirements.txt
    python tools/module_golden.py [--only NAME ...]

For each module NAME there are crates/nn/tests/module_db/NAME.json, a list of cases, and
NAME.safetensors with their tensors, each content once; names.txt lists all modules of the database.
Those of OUTSIDE have no cases: docs/modules.md says why. module_cases.py and module_sequences.py add
options and modules that the database does not try.

A case:

    desc        the database's description, or "extra"
    training    the modes in which the case holds
    args, kwargs             of the constructor
    state       the state dict before the forward pass: path -> tensor
    input, input_kwargs      of the forward pass
    outputs     the tensors that it returns, nested ones in order
    state_after what of the state dict is another after it
    gradients   one for each input that requires one, in the order of the arguments, those with
                names in alphabetical order, or null
    parameter_gradients      path -> tensor, where there is one

An argument is written as in docs/conformance.md. Inputs are the database's, rounded to f32 (they are
computed with in f64). So are the parameters, which are redrawn: behind ones and zeros an error could
hide. The gradients are those of the sum over the outputs y of sum_i y_i g_i with
g_i = ((7 i) mod 11 - 5) / 4.
"""

import argparse
import json
import pathlib
import re
import warnings
import zlib

import torch
from safetensors.torch import save_file

warnings.filterwarnings("ignore")  # PyTorch's, about its own internals
from torch.testing._internal.common_modules import module_db  # noqa: E402

from module_cases import EXTRA, extra_samples  # noqa: E402
from module_sequences import sequence_samples  # noqa: E402

TORCH = "2.15.0"
FOLDER = pathlib.Path(__file__).parents[1] / "crates/nn/tests/module_db"
OUTSIDE = re.compile(r"3d|Lazy|Fractional|LPPool|LocalResponse|LinearCrossEntropy")
# Cases with more elements in the inputs are left out, and cases of one module beyond so many bytes.
ELEMENTS, BYTES = 2560, 160_000


class Tensors:
    """The tensors of a module's cases: each content once, under a number."""

    def __init__(self):
        self.known, self.all, self.bytes = {}, {}, 0

    def add(self, x):
        x = x.detach().contiguous().clone()
        if not x.dtype.is_floating_point and x.dtype != torch.bool:
            x = x.to(torch.int32)  # class numbers and counts, which are small
        key = (str(x.dtype), tuple(x.shape), x.numpy().tobytes())
        if key not in self.known:
            self.known[key] = str(len(self.all))
            self.all[self.known[key]] = x
            self.bytes += x.numel() * x.element_size() + 80
        return self.known[key]


def rounded(x):
    """A copy in which floating-point numbers are those of f32."""
    x = x.detach().contiguous().clone()
    return x.float() if x.dtype.is_floating_point else x


def layer_arguments(layer):
    """The arguments of a TransformerEncoderLayer that is an argument itself."""
    attention = layer.self_attn
    return [
        attention.embed_dim,
        attention.num_heads,
        layer.linear1.out_features,
        layer.dropout.p,
        layer.activation,
        layer.norm1.eps,
        attention.batch_first,
        layer.norm_first,
        layer.linear1.bias is not None,
    ]


class Call:
    """The arguments of one call: encoded, and as PyTorch takes them, with leaves of its own."""

    def __init__(self, tensors, args, kwargs):
        self.tensors, self.leaves = tensors, []
        both = [self.convert(x) for x in args]
        named = {name: self.convert(kwargs[name]) for name in sorted(kwargs)}
        self.args = [x for _, x in both]
        self.kwargs = {name: x for name, (_, x) in named.items()}
        self.json_args = [json for json, _ in both]
        self.json_kwargs = {name: json for name, (json, _) in named.items()}

    def convert(self, x):
        if isinstance(x, torch.nn.TransformerEncoderLayer):
            return self.convert(layer_arguments(x))[0], x
        if isinstance(x, torch.Tensor):
            value = rounded(x)
            json = {"tensor": self.tensors.add(value), "requires_grad": x.requires_grad}
            value = value.double() if x.dtype.is_floating_point else value
            value.requires_grad_(x.requires_grad)
            self.leaves += [value] * x.requires_grad
            return json, value
        if isinstance(x, (list, tuple)):
            parts = [self.convert(part) for part in x]
            return {"list": [json for json, _ in parts]}, type(x)(value for _, value in parts)
        if isinstance(x, bool) or x is None or isinstance(x, str):
            return {"value": x}, x
        if isinstance(x, int):
            return {"int": x}, x
        if isinstance(x, float):
            return {"float": x}, x
        return {"value": x.__name__}, x  # an activation function


def flat(outputs):
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    return [y for part in outputs or [] for y in flat(part)]


def fixed_cotangent(y):
    i = torch.arange(y.numel(), dtype=torch.float64)
    return (((7 * i) % 11 - 5) / 4).reshape(y.shape)


def redraw(module):
    """Other parameters than the initial ones, and other statistics."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_((0.5 * torch.randn(parameter.shape)).float())
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.randn(buffer.shape).float())
            if name.endswith("running_var"):
                buffer.copy_((0.5 + torch.rand(buffer.shape)).float())


def evaluate(module_class, sample, modes, tensors):
    """A case."""
    constructor = sample.constructor_input
    kwargs = {k: v for k, v in constructor.kwargs.items() if k not in ("device", "dtype")}
    create = Call(tensors, constructor.args, kwargs)
    module = module_class(*create.args, **create.kwargs).double().train(modes[0])
    redraw(module)
    before = {path: rounded(x) for path, x in module.state_dict().items()}
    forward = Call(tensors, sample.forward_input.args, sample.forward_input.kwargs)
    outputs = flat(module(*forward.args, **forward.kwargs))
    after = module.state_dict()
    changed = {path: x for path, x in after.items() if not torch.equal(x, before[path])}
    named = dict(module.named_parameters())
    leaves = forward.leaves + list(named.values())
    roots = [y for y in outputs if y.requires_grad]
    gradients = [None] * len(leaves)
    if roots and leaves:
        seeds = [fixed_cotangent(y) for y in roots]
        gradients = torch.autograd.grad(roots, leaves, seeds, allow_unused=True)
    ours = [None if g is None else tensors.add(g) for g in gradients]
    split = len(forward.leaves)
    return {
        "desc": sample.desc,
        "training": modes,
        "args": create.json_args,
        "kwargs": create.json_kwargs,
        "state": {path: tensors.add(x) for path, x in before.items()},
        "input": forward.json_args,
        "input_kwargs": forward.json_kwargs,
        "outputs": [tensors.add(y) for y in outputs],
        "state_after": {path: tensors.add(x) for path, x in changed.items()},
        "gradients": ours[:split],
        "parameter_gradients": {k: g for k, g in zip(named, ours[split:]) if g is not None},
    }


def samples(info):
    """The database's samples with the modes in which they hold, the smallest first."""
    found = []
    for modes in [[True], [False]] if info.train_and_eval_differ else [[True, False]]:
        torch.manual_seed(0)
        options = {"device": "cpu", "dtype": torch.float64, "requires_grad": True}
        some = info.module_inputs_func(info, training=modes[0], **options)
        found += [(sample, modes) for sample in some]
    crc = {id(s): zlib.crc32(f"{s.desc} {modes} {kind(s)}".encode()) for s, modes in found}
    return sorted(found, key=lambda s: (numel(s[0].forward_input.args), crc[id(s[0])]))


def numel(args):
    return sum(x.numel() for x in args if isinstance(x, torch.Tensor))


def kind(sample):
    """What distinguishes a sample: its arguments without the elements and the integers' width."""

    def described(x):
        if isinstance(x, torch.Tensor):
            return f"{x.dtype.is_floating_point} {list(x.shape)}"
        if isinstance(x, (list, tuple)):
            return str([described(part) for part in x])
        if isinstance(x, torch.nn.TransformerEncoderLayer):
            return described(layer_arguments(x))
        return getattr(x, "__name__", repr(x))

    calls = [sample.constructor_input, sample.forward_input]
    parts = [[described(x) for x in call.args] for call in calls]
    return str(parts + [[f"{k} {described(v)}" for k, v in call.kwargs.items()] for call in calls])


def write(name, infos):
    """Writes the cases, one of each kind; returns their number and how many were left out."""
    tensors, cases, seen, left_out = Tensors(), [], set(), 0
    some = [found for info in infos for found in samples(info)]
    for sample, modes in extra_samples(name) + sequence_samples(name) + some:
        key = f"{modes} {kind(sample)}"
        if key in seen:
            continue
        seen.add(key)
        if numel(sample.forward_input.args) > ELEMENTS or tensors.bytes > BYTES:
            left_out += 1
            continue
        cases.append(evaluate(getattr(torch.nn, name[3:]), sample, modes, tensors))
    lines = [json.dumps(case, allow_nan=False, separators=(",", ":")) for case in cases]
    (FOLDER / f"{name}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    path = FOLDER / f"{name}.safetensors"
    save_file(tensors.all, path)
    path.chmod(0o644)
    return len(cases), left_out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", help="these modules alone")
    options = parser.parse_args()
    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the cases are those of torch {TORCH}, not {torch.__version__}")
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = [info.name for info in module_db]
    (FOLDER / "names.txt").write_text("".join(f"{name}\n" for name in names))
    for name in names + [name for name in EXTRA if name not in names]:
        if OUTSIDE.search(name) or options.only and name not in options.only:
            continue
        count, left_out = write(name, [info for info in module_db if info.name == name])
        rest = f", {left_out} left out" if left_out else ""
        print(f"{name}: {count} cases{rest}")


if __name__ == "__main__":
    main()
