"""The steps of sequences.rs in PyTorch: `python crates/nn/benches/sequences.py [threads]`."""

import sys
import time

import torch

SIZES = [(32, 64, 128), (8, 64, 32)]


def measure(threads, f):
    """The milliseconds of one call, the least of some groups of calls."""
    clock = time.thread_time if threads == 1 else time.perf_counter
    f()
    groups = []
    for _ in range(10):
        start = clock()
        for _ in range(20):
            f()
        groups.append(clock() - start)
    return min(groups) * 1e3 / 20


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    torch.set_num_threads(threads)
    for batch, length, size in SIZES:
        for name, model in models(size).items():
            if only not in ("", name):
                continue
            is_batch_first = name in ("encoder", "causal")
            x = torch.randn(*((batch, length, size) if is_batch_first else (length, batch, size)))
            mask = torch.nn.Transformer.generate_square_subsequent_mask(length)
            arguments = {"src_mask": mask, "is_causal": True} if name == "causal" else {}

            def step():
                model.zero_grad()
                y = model(x, **arguments)
                (y if is_batch_first else y[0]).sum().backward()

            time = measure(threads, step)
            print(f"{name}, batch {batch}, time {length}, size {size}: {time:.2f} ms")


def models(size):
    options = {"dim_feedforward": 4 * size, "dropout": 0.0, "batch_first": True}
    encoder = torch.nn.TransformerEncoderLayer(size, 4, **options)
    return {
        "rnn": torch.nn.RNN(size, size),
        "lstm": torch.nn.LSTM(size, size),
        "gru": torch.nn.GRU(size, size),
        "encoder": encoder,
        "causal": encoder,
    }


main()
