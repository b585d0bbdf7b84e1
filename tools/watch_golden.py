#!/usr/bin/env python3
"""Writes what scikit-learn finds for some predictions, for the tests of the watch crate.

    pip install -r tools/requirements.txt
    python tools/watch_golden.py

The output, crates/watch/tests/golden/metrics.json, has for each case

    scores     [items, classes], without equal scores of one item
    targets    [items]
    top        the accuracy of the k greatest scores, for k = 1 to classes - 1
    matrix     confusion_matrix
    classes    precision, recall, F1 and support of each class
    macro, weighted    the same on average
    log_loss   of softmax(scores)

A class that is never predicted or never there has zeros, which is scikit-learn's default. In one case
some targets are -100; scikit-learn sees the others. `sums` has terms and their exact mean.
"""

import json
import math
import pathlib
import warnings
from fractions import Fraction

import numpy as np
import sklearn
from sklearn import metrics

SKLEARN = "1.9.1"
FILE = pathlib.Path(__file__).parents[1] / "crates/watch/tests/golden/metrics.json"


def case(generator, items, classes, absent=(), ignored=False):
    scores = np.round(generator.normal(size=(items, classes)) * 2, 3)
    targets = generator.integers(0, classes, items)
    scores[np.arange(items), targets] += 1.5
    scores = np.round(scores, 3)
    assert all(len(set(row)) == classes for row in scores)
    for label in absent:  # never the target, never predicted
        targets[targets == label] = (label + 1) % classes
        scores[:, label] -= 100
    seen = np.ones(items, bool)
    given = targets.copy()
    if ignored:
        seen[::5] = False
        given[::5] = -100
    s, t = scores[seen], targets[seen]
    predicted, labels = s.argmax(1), list(range(classes))
    p = np.exp(s - s.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)

    def prf(average):
        values = metrics.precision_recall_fscore_support(
            t, predicted, labels=labels, average=average)
        return [np.asarray(v).tolist() for v in values]

    return {
        "scores": scores.tolist(),
        "targets": given.tolist(),
        "top": [metrics.top_k_accuracy_score(t, s, k=k, labels=labels) if classes > 2
                else metrics.accuracy_score(t, predicted) for k in range(1, classes)],
        "matrix": metrics.confusion_matrix(t, predicted, labels=labels).tolist(),
        "classes": prf(None),
        "macro": prf("macro")[:3],
        "weighted": prf("weighted")[:3],
        "accuracy": metrics.accuracy_score(t, predicted),
        "log_loss": metrics.log_loss(t, p, labels=labels),
    }


def main():
    assert sklearn.__version__ == SKLEARN, f"scikit-learn {sklearn.__version__}, not {SKLEARN}"
    warnings.simplefilter("ignore")
    generator = np.random.default_rng(0)
    cases = {
        "two classes": case(generator, 12, 2),
        "five classes": case(generator, 40, 5),
        "classes that are absent": case(generator, 30, 6, absent=(0, 4)),
        "ignored targets": case(generator, 40, 4, ignored=True),
    }
    values = (10.0 ** generator.uniform(-8, 8, 300) * generator.choice([-1, 1], 300)).tolist()
    counts = generator.integers(1, 100, 300).tolist()
    # Exactly, then rounded once.
    exact = sum(Fraction(v) * c for v, c in zip(values, counts)) / sum(counts)
    assert math.isclose(exact, np.average(values, weights=counts), rel_tol=1e-9)
    sums = {"values": values, "counts": counts, "mean": float(exact)}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps({"cases": cases, "sums": sums}) + "\n")


if __name__ == "__main__":
    main()
