#!/usr/bin/env python3
"""Writes weights as PyTorch, NumPy and safetensors do, for the tests of the checkpoint crate.

    pip install -r tools/requirements.txt
    python tools/weights_golden.py

The output goes to crates/checkpoint/tests/golden. Beside each NAME.pt, NAME.expected.safetensors has the
tensors that are in it, under the names that they get when dictionaries are laid flat.
"""
import argparse
import collections
import pathlib
import zipfile

import numpy as np
import safetensors.torch
import torch
from torch import nn

TORCH = "2.15.0"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/checkpoint/tests/golden"


def model():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
    net(torch.randn(4, 1, 4, 4)).sum().backward()
    return net


def save(name, value, expected, **options):
    torch.save(value, OUTPUT / f"{name}.pt", **options)
    expected = {key: torch.as_tensor(x).detach().clone().contiguous() for key, x in expected.items()}
    safetensors.torch.save_file(expected, OUTPUT / f"{name}.expected.safetensors")


def dtypes():
    x = torch.tensor([[1.5, -0.0, 3.25], [float("inf"), 1e-3, -7.0]])
    floats = {str(d).split(".")[1]: x.to(d) for d in (torch.float32, torch.float64, torch.float16, torch.bfloat16)}
    whole = torch.tensor([[1, 0, -5], [300, 7, 2]])
    ints = {str(d).split(".")[1]: whole.to(d) for d in (torch.int64, torch.int32, torch.uint8, torch.bool)}
    return floats | ints | {"scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4)}


def views():
    base = torch.arange(24.0).reshape(4, 6)
    return {
        "base": base,
        "transposed": base.t(),
        "column": base[:, 2],
        "row": base[1],
        "every_other": base[::2, 1::2],
        "expanded": torch.tensor([1.0, 2.0]).expand(3, 2),
        "channels_last": torch.arange(16, dtype=torch.int32).reshape(1, 2, 2, 4).to(memory_format=torch.channels_last),
        "bytes": torch.arange(9, dtype=torch.uint8).reshape(3, 3).t(),
        "halves": torch.arange(6, dtype=torch.bfloat16).reshape(2, 3).t(),
        "parameter": nn.Parameter(base[2:]),
        "one_sized_axis": base[:, :1].t()[:, :1],
    }


def nested(net):
    adam = torch.optim.AdamW(net.parameters(), lr=0.01)
    adam.step()
    value = {
        "epoch": 3,
        "best": True,
        "loss": 0.25,
        "name": "a model",
        "nothing": None,
        "model_state_dict": net.state_dict(),
        "optimizer": adam.state_dict(),
        "history": [torch.tensor([1.0]), (2, torch.tensor([3, 4]))],
    }
    expected = {"epoch": torch.tensor(3), "best": torch.tensor(True), "loss": torch.tensor(0.25, dtype=torch.float64)}
    expected |= {f"model_state_dict.{key}": x for key, x in net.state_dict().items()}
    for number, state in adam.state_dict()["state"].items():
        expected |= {f"optimizer.state.{number}.{key}": x for key, x in state.items()}
    for key, x in adam.state_dict()["param_groups"][0].items():
        items = enumerate(x) if isinstance(x, (list, tuple)) else [(None, x)]
        for i, item in items:
            path = f"optimizer.param_groups.0.{key}" + ("" if i is None else f".{i}")
            if item is not None:
                dtype = torch.float64 if isinstance(item, float) else None
                expected[path] = torch.tensor(item, dtype=dtype)
    expected |= {
        "history.0": torch.tensor([1.0]),
        "history.1.0": torch.tensor(2),
        "history.1.1": torch.tensor([3, 4]),
    }
    return value, expected


def big_endian(source, target):
    """The same archive, as if a big-endian machine had written it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"big" if name.endswith("byteorder") else old.read(name))


def compressed(source, target):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))


def main():
    assert torch.__version__.split("+")[0] == TORCH, f"made with PyTorch {TORCH}, not {torch.__version__}"
    OUTPUT.mkdir(parents=True, exist_ok=True)
    net = model()
    save("state", net.state_dict(), net.state_dict())
    save("protocol_4", net.state_dict(), net.state_dict(), pickle_protocol=4)
    save("dtypes", dtypes(), dtypes())
    save("views", views(), views())
    save("nested", *nested(net))
    save("tensor", torch.tensor([1.0, 2.0]), {"tensor": torch.tensor([1.0, 2.0])})
    torch.save(net.state_dict(), OUTPUT / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save({"args": argparse.Namespace(lr=1)}, OUTPUT / "namespace.pt")
    torch.save({"x": torch.zeros(2, dtype=torch.complex64)}, OUTPUT / "complex.pt")
    torch.save(collections.OrderedDict(x=torch.zeros(2, dtype=torch.int16)), OUTPUT / "int16.pt")
    big_endian(OUTPUT / "state.pt", OUTPUT / "big_endian.pt")
    compressed(OUTPUT / "state.pt", OUTPUT / "compressed.pt")
    safetensors.torch.save_file(dtypes(), OUTPUT / "dtypes.safetensors", metadata={"format": "pt"})
    arrays = {key: x.numpy() for key, x in dtypes().items() if x.dtype != torch.bfloat16}
    arrays["fortran"] = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    arrays["big_endian"] = np.arange(3, dtype=">f4")
    np.savez(OUTPUT / "stored.npz", **arrays)
    np.savez_compressed(OUTPUT / "deflated.npz", **arrays)


if __name__ == "__main__":
    main()
