#!/usr/bin/env python3
"""Writes which of the handwritten digits the examples test on: a stratified split of scikit-learn's.

    pip install -r tools/requirements.txt
    python tools/digits_split.py

The output, examples/models/digits_test.txt, has the positions of 360 of the 1,797 images of
`data::digits()`, ascending, twelve in a line. The others are trained on.
"""

import pathlib

import numpy as np
import sklearn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SKLEARN = "1.9.1"
FILE = pathlib.Path(__file__).parents[1] / "examples/models/digits_test.txt"


def test_positions():
    labels = load_digits().target
    positions = np.arange(len(labels))
    _, test = train_test_split(positions, test_size=360, stratify=labels, random_state=0)
    return np.sort(test)


def main():
    assert sklearn.__version__ == SKLEARN, f"scikit-learn {SKLEARN}, not {sklearn.__version__}"
    positions = test_positions()
    lines = [" ".join(map(str, positions[i : i + 12])) for i in range(0, len(positions), 12)]
    FILE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
