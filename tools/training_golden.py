#!/usr/bin/env python3
"""Writes the losses of PyTorch's trainings of two examples' models, for tests/trainings.

    pip install -r tools/requirements.txt
    python tools/training_golden.py [digits_cnn | char_lm | validation]...

Both sides start from the same weights and see the same batches, which are made of numbers that a
formula gives (`numbers`, `weights`, `positions`) and of the data in crates/data/assets. The output,
tests/trainings/NAME.json:

    state    the names and shapes of the model's state_dict
    lr, eps  Adam's learning rate and epsilon
    batch    how many samples a batch has
    f64      the loss of each of 200 steps, in f64
    f32      for each way to compute in f32 (1 and 2 threads, with oneDNN and without) the same

and tests/trainings/validation.json: the loss of `char_lm` on the last tenth of the text after so many
steps with so large batches as the example takes, for each of the ways to compute in f32.
"""

import gzip
import json
import pathlib
import sys

import numpy as np
import torch
from torch import nn

TORCH = "2.15.0"
ROOT = pathlib.Path(__file__).parents[1]
ASSETS = ROOT / "crates/data/assets"
FOLDER = ROOT / "tests/trainings"
STEPS = 200
WAYS = [(threads, onednn) for threads in (1, 2) for onednn in (True, False)]


def numbers(seed, n):
    """The n-th number of SplitMix64 (Steele, Lea and Flood 2014) from this seed."""
    with np.errstate(over="ignore"):
        x = np.uint64(seed) + (np.asarray(n, np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def weights(name, shape):
    """From -1/sqrt(fan) to 1/sqrt(fan) for matrices; near 1 for other weights; near 0 for biases."""
    seed = np.uint64(0)
    for byte in name.encode():
        seed = numbers(seed, byte)
    u = (numbers(seed, np.arange(np.prod(shape))) >> np.uint64(40)) / 2.0**23 - 1.0
    if len(shape) > 1:
        x = u / np.sqrt(np.prod(shape[1:], dtype=np.float64))
    else:
        x = 0.1 * u + (1.0 if name.endswith("weight") else 0.0)
    return torch.from_numpy(x.astype(np.float32).reshape(shape))


def positions(step, batch, below):
    """Which samples are in the batch of this step."""
    return (numbers(1, np.arange(step * batch, (step + 1) * batch)) % np.uint64(below)).astype(np.int64)


class DigitsCnn(nn.Module):
    # With the usual 1e-8 PyTorch's own runs in f32 part by 1e-2 within 50 steps: Adam makes a step of
    # full length of a gradient that is nothing but rounding.
    lr, eps, batch = 1e-3, 1e-4, 16

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.conv2, self.bn2 = nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32)
        self.conv3, self.bn3 = nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(64 * 2 * 2, 10)

    def forward(self, x):
        h = self.bn1(self.conv1(x)).relu()
        h = self.pool(self.bn2(self.conv2(h)).relu())
        h = self.pool(self.bn3(self.conv3(h)).relu())
        return self.fc(h.flatten(1))

    @staticmethod
    def data():
        """Images and labels of the part that is trained on."""
        rows = np.loadtxt(gzip.open(ASSETS / "digits.csv.gz", "rt"), delimiter=",")
        test = np.loadtxt([(ROOT / "examples/models/digits_test.txt").read_text().replace("\n", " ")])
        rows = np.delete(rows, test.astype(np.int64), axis=0)
        images = torch.from_numpy(rows[:, :64] / 16).reshape(-1, 1, 8, 8)
        return images, torch.from_numpy(rows[:, 64].astype(np.int64))

    @staticmethod
    def sample(data, step, batch):
        images, labels = data
        at = torch.from_numpy(positions(step, batch, len(labels)))
        return images[at], labels[at]


class CharLm(nn.Module):
    lr, eps, batch = 3e-3, 1e-8, 4
    context, width, heads, layers = 64, 64, 4, 2
    characters = 73

    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(self.characters, self.width)
        self.position = nn.Embedding(self.context, self.width)
        layer = nn.TransformerEncoderLayer(
            self.width,
            self.heads,
            4 * self.width,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        norm = nn.LayerNorm(self.width)
        self.encoder = nn.TransformerEncoder(layer, self.layers, norm, enable_nested_tensor=False)
        self.output = nn.Linear(self.width, self.characters)

    def forward(self, x):
        length = x.shape[1]
        dtype = self.token.weight.dtype
        mask = nn.Transformer.generate_square_subsequent_mask(length, dtype=dtype)
        h = self.token(x) + self.position(torch.arange(length))
        return self.output(self.encoder(h, mask, is_causal=True))

    @staticmethod
    def data():
        """The text as numbers: the part that is trained on, and the last tenth."""
        text = gzip.open(ASSETS / "shakespeare.txt.gz", "rt", newline="").read()
        number = {character: i for i, character in enumerate(sorted(set(text)))}
        codes = torch.tensor([number[character] for character in text])
        split = len(codes) - len(codes) // 10
        return codes[:split], codes[split:]

    @classmethod
    def sample(cls, data, step, batch):
        codes, _ = data
        at = positions(step, batch, len(codes) - cls.context)
        rows = torch.stack([codes[i : i + cls.context + 1] for i in at])
        return rows[:, :-1], rows[:, 1:]

    @classmethod
    def validation(cls, codes):
        """All of it, in pieces of the context's length, without what is left at the end."""
        rows = (len(codes) - 1) // cls.context
        pieces = [codes[i : i + rows * cls.context].reshape(rows, cls.context) for i in (0, 1)]
        return zip(*(piece.split(64) for piece in pieces))


def loss_of(model, x, y):
    x = x.to(model_dtype(model)) if x.is_floating_point() else x
    return nn.functional.cross_entropy(model(x).flatten(0, -2), y.flatten())


def model_dtype(model):
    return next(model.parameters()).dtype


def new(kind, dtype):
    model = kind()
    state = {name: weights(name, x.shape) for name, x in model.named_parameters()}
    model.load_state_dict(state, strict=False)
    return model.to(dtype)


def train(model, data, batch, steps):
    """The loss of each step."""
    optimizer = torch.optim.Adam(model.parameters(), model.lr, eps=model.eps)
    losses = []
    for step in range(steps):
        x, y = model.sample(data, step, batch)
        loss = loss_of(model, x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def trained_each_way(kind, data, batch, steps, result):
    """What `result` says of a model trained in f32, for each way to compute."""
    results = {}
    for threads, onednn in WAYS:
        torch.set_num_threads(threads)
        with torch.backends.mkldnn.flags(enabled=onednn):
            model = new(kind, torch.float32)
            losses = train(model, data, batch, steps)
            name = f"{threads} thread{'s' * (threads > 1)}, oneDNN {'on' if onednn else 'off'}"
            results[name] = result(model, losses)
            print(kind.__name__, name, flush=True)
    return results


def compare(name, kind):
    data = kind.data()
    torch.set_num_threads(1)
    found = {"state": {k: list(x.shape) for k, x in kind().state_dict().items()}}
    found |= {"lr": kind.lr, "eps": kind.eps, "batch": kind.batch}
    found["f64"] = train(new(kind, torch.float64), data, kind.batch, STEPS)
    digits = lambda _, losses: [float(f"{loss:.9g}") for loss in losses]
    found["f32"] = trained_each_way(kind, data, kind.batch, STEPS, digits)
    write(name, found)


def validate():
    steps, batch = 1000, 16
    data = CharLm.data()

    def result(model, _):
        with torch.no_grad():
            total, count = 0.0, 0
            for x, y in CharLm.validation(data[1]):
                total += loss_of(model, x, y).item() * y.numel()
                count += y.numel()
        return total / count

    found = {"steps": steps, "batch": batch, "lr": CharLm.lr, "eps": CharLm.eps}
    found["losses"] = trained_each_way(CharLm, data, batch, steps, result)
    write("validation", found)


def write(name, found):
    lines = [f'"{key}": {json.dumps(value)}' for key, value in found.items()]
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    assert torch.__version__.split("+")[0] == TORCH, f"PyTorch {TORCH}, not {torch.__version__}"
    runs = {
        "digits_cnn": lambda: compare("digits_cnn", DigitsCnn),
        "char_lm": lambda: compare("char_lm", CharLm),
        "validation": validate,
    }
    for name in sys.argv[1:] or runs:
        runs[name]()


if __name__ == "__main__":
    main()
