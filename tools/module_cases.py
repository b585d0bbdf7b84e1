"""Options and modules that PyTorch's module database does not try, for module_golden.py.

To each module a list of: the constructor's arguments, those by name, and the shape of the input; or
the input itself, or a function that makes several.
"""

import torch
from torch.testing._internal.common_modules import FunctionInput, ModuleInput

from module_losses import LOSSES


def padded(*shape):
    """Each way to pad, with as many zeros as it takes for the same size and with numbers."""
    modes = ["zeros", "reflect", "replicate", "circular"]
    paddings = ["same", 1, (2, 1)[: len(shape) - 2]]
    options = [{"padding": padding, "dilation": 2} for padding in paddings]
    options.append({"padding": "same"})  # an odd number in all
    return [
        ((2, 3, 2), option | {"padding_mode": mode}, shape) for mode in modes for option in options
    ]


NUMBERS = torch.tensor([[0, 2, 2], [3, 2, 1]])
FLAGS = {"ceil_mode": True}

EXTRA = {
    "nn.Linear": [((3, 2), {}, (2, 2, 3))],
    "nn.Embedding": [
        ((4, 3), {"padding_idx": 2}, NUMBERS),
        ((4, 3), {"scale_grad_by_freq": True}, NUMBERS),
        ((4, 3), {"padding_idx": -1, "scale_grad_by_freq": True}, NUMBERS),
        ((4, 3), {"max_norm": 0.8}, NUMBERS),
        ((4, 3), {"max_norm": 1.1, "norm_type": 1.0, "padding_idx": 2}, NUMBERS),
    ],
    "nn.Conv1d": [
        ((4, 6, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 4, 7)),
        ((4, 6, 2), {"stride": 3, "dilation": 2, "bias": False}, (2, 4, 7)),
        *padded(1, 2, 5),
    ],
    "nn.Conv2d": [
        ((4, 6, (3, 2)), {"stride": (2, 1), "padding": (1, 0), "groups": 2}, (2, 4, 5, 4)),
        ((3, 6, 2), {"groups": 3, "bias": False}, (2, 3, 3, 4)),
        ((2, 3, (1, 3)), {"stride": 2, "dilation": (1, 2)}, (2, 2, 5, 6)),
        *padded(1, 2, 4, 5),
    ],
    "nn.ConvTranspose1d": [
        ((4, 6, 3, 2, 1, 1, 2), {}, (2, 4, 4)),
        ((2, 3, 2), {"stride": 3, "dilation": 2, "bias": False}, (2, 2, 4)),
    ],
    "nn.ConvTranspose2d": [
        ((4, 6, 3, 2, 1, 1, 2), {}, (2, 4, 3, 2)),
        ((2, 3, (2, 3)), {"stride": (3, 1), "dilation": (2, 1), "bias": False}, (2, 2, 2, 3)),
        ((2, 3, 2), {"stride": (1, 3), "output_padding": (0, 2)}, (2, 2, 2, 3)),
    ],
    "nn.MaxPool1d": [((3, 2, 1), FLAGS, (2, 2, 8)), ((2, 1), {"dilation": 2}, (2, 2, 8))],
    "nn.MaxPool2d": [
        (((3, 2), 2, (1, 0)), FLAGS, (2, 2, 6, 5)),
        ((2,), {"dilation": (1, 3), "stride": 1}, (2, 2, 4, 6)),
    ],
    "nn.AvgPool1d": [((3, 2, 1), FLAGS | {"count_include_pad": False}, (2, 2, 8))],
    "nn.AvgPool2d": [
        (((3, 2), 2, (1, 0)), FLAGS, (2, 2, 6, 5)),
        (((3, 2), 2, 1), FLAGS | {"count_include_pad": False}, (2, 2, 6, 5)),
        ((2,), {"divisor_override": 3}, (2, 2, 4, 6)),
    ],
    "nn.ReflectionPad2d": [(([2, -1, 0, 1],), {}, (2, 2, 3, 4))],
    "nn.ReplicationPad2d": [(([2, -1, 0, 5],), {}, (2, 2, 3, 4))],
    "nn.ZeroPad2d": [(([2, -1, 0, 5],), {}, (2, 2, 3, 4))],
    "nn.BatchNorm1d": [((3,), {"momentum": 1.0}, (5, 3))],
    "nn.LayerNorm": [(((3,),), {}, (2, 2, 3))],
    "nn.RMSNorm": [(((2, 3),), {}, (4, 2, 3))],
    "nn.InstanceNorm1d": [
        ((3,), {"affine": True, "track_running_stats": True}, (2, 3, 4)),
    ],
    "nn.GELU": [(("tanh",), {}, (3, 4))],
    "nn.GLU": [((0,), {}, (4, 3))],
    "nn.Hardsigmoid": [((), {}, (3, 4))],
    "nn.Hardtanh": [((-0.25, 0.5), {}, (3, 4))],
    "nn.PReLU": [((3,), {"init": 0.5}, (2, 3, 4))],
    "nn.RReLU": [((), {}, (3, 4)), ((0.25, 0.5), {}, (3, 4))],
    "nn.Flatten": [((), {}, (2, 3, 4)), ((0, -2), {}, (2, 3, 4))],
    "nn.Unflatten": [((1, (2, -1)), {}, (2, 6, 3))],
    "nn.Identity": [((), {}, (2, 3))],
    "nn.Dropout": [((0.5,), {}, (2, 3))],
    "nn.Dropout1d": [((0.5,), {}, (2, 3, 4))],
    "nn.Dropout2d": [((0.5,), {}, (2, 3, 4, 1))],
    "nn.AlphaDropout": [((0.5,), {}, (2, 3))],
    "nn.FeatureAlphaDropout": [((0.5,), {}, (2, 3, 4))],
} | LOSSES


def random(name):
    """Whether the module draws in training, where its cases therefore do not hold."""
    return "Dropout" in name or name == "nn.RReLU"


def extra_samples(name):
    """Samples as the database's, with the modes in which they hold."""
    torch.manual_seed(2)
    found = []
    for args, kwargs, x in EXTRA.get(name, []):
        for modes in both(name):
            create, forward = FunctionInput(*args, **kwargs), FunctionInput(*inputs(x))
            found.append((ModuleInput(create, forward, "extra"), modes))
    return found


def inputs(x):
    if callable(x):
        return x()
    return [x.clone() if isinstance(x, torch.Tensor) else torch.randn(x, requires_grad=True)]


def both(name):
    if random(name):
        return [[False]]
    if "BatchNorm" in name or "InstanceNorm" in name:
        return [[True], [False]]
    return [[True, False]]
