"""The golden rows of operations that move elements or combine them along axes."""

import torch
import torch.nn.functional as F

from golden_row import INF, NAN, normal, row, tensor


def reductions():
    cases = {
        "matrix, rows": ([2, 3], [0]),
        "matrix, columns": ([2, 3], [-1]),
        "matrix, both": ([2, 3], [0, 1]),
        "outer and inner": ([2, 3, 2], [0, -1]),
        "middle": ([2, 3, 2], [1]),
        "axis of size one": ([1, 3], [0]),
        "0-d": ([], [0]),
    }
    functions = {"sum": torch.sum, "mean": torch.mean, "amax": torch.amax, "amin": torch.amin}
    for op, function in functions.items():
        for case, (shape, axes) in cases.items():
            for keep in [False, True]:
                name = f"{op}_{'keepdim' if keep else 'dim'}"
                row(
                    f"{name}, {case}",
                    name,
                    [normal(*shape)],
                    lambda x: function(x, dim=axes, keepdim=keep),
                    axes=axes,
                )
        for shape in [[], [1], [7], [2, 3], [2, 3, 2]]:
            row(f"{op} of {shape}", op, [normal(*shape)], function)
        special = tensor([[0.0, -0.0], [1.0, INF], [-INF, 2.0], [NAN, 1.0], [INF, -INF]])
        row(
            f"{op}_dim, special points",
            f"{op}_dim",
            [special],
            lambda x: function(x, dim=[1]),
            axes=[1],
        )
    row("sum of nothing", "sum", [normal(0, 2)], torch.sum)
    row("mean of nothing", "mean", [normal(0)], torch.mean, 1)
    for op, function in [("sum", torch.sum), ("mean", torch.mean)]:
        along = lambda x: function(x, dim=[1])
        highest = 1 if op == "mean" else 2
        row(f"{op}_dim of nothing", f"{op}_dim", [normal(2, 0)], along, highest, axes=[1])
        row(f"{op}_dim, nothing left", f"{op}_dim", [normal(0, 2)], along, axes=[1])
    ties = tensor([[3.0, 3.0, 1.0], [2.0, 2.0, 2.0], [1.0, 4.0, 1.0]])
    for op, function in [("amax", torch.amax), ("amin", torch.amin)]:
        along = lambda x: function(x, dim=[1])
        row(f"{op}, ties", op, [tensor([3.0, 3.0, 1.0, 1.0])], function)
        row(f"{op}_dim, ties", f"{op}_dim", [ties], along, axes=[1])
        row(f"{op}, NaN", op, [tensor([1.0, NAN, 3.0])], function)
        row(f"{op}_dim, nothing left", f"{op}_dim", [normal(0, 2)], along, axes=[1])


def products():
    shapes = [
        ([3], [3]),
        ([3], [3, 2]),
        ([2, 3], [3]),
        ([2, 3], [3, 4]),
        ([1, 1], [1, 1]),
        ([3], [2, 3, 2]),
        ([2, 2, 3], [3]),
        ([2, 2, 3], [3, 2]),
        ([2, 3], [2, 3, 2]),
        ([2, 2, 3], [2, 3, 2]),
        ([2, 1, 2, 3], [2, 3, 2]),
        ([1, 2, 3], [2, 3, 2]),
        ([2, 0], [0, 3]),
        ([0, 3], [3, 2]),
        ([2, 3], [3, 0]),
        ([0, 2, 3], [3, 2]),
        ([1, 2, 3], [0, 3, 2]),
        ([13, 14], [14, 12]),
    ]
    for a, b in shapes:
        row(f"matmul {a} x {b}", "matmul", [normal(*a), normal(*b)], torch.matmul)
    row("matmul, same input twice", "matmul_itself", [normal(2, 3)], lambda x: x @ x.T)
    views = [normal(3, 2), normal(4, 3)]
    row("matmul of transposes", "matmul_transposed", views, lambda a, b: a.T @ b.T)
    nan = [tensor([[NAN, 0.0], [1.0, INF]]), tensor([[0.0, 1.0], [2.0, 0.0]])]
    row("matmul, NaN and infinity times zero", "matmul", nan, torch.matmul)
    for x in [[3], [2, 3], [2, 2, 3], [0, 3], [17, 3]]:
        parts = [normal(*x), normal(4, 3), normal(4)]
        row(f"linear {x} with bias", "linear", parts, F.linear)
        row(f"linear {x}", "linear", parts[:2], F.linear)
    row("linear, large", "linear", [normal(9, 16), normal(15, 16), normal(15)], F.linear)
    row("linear, no inputs", "linear", [normal(2, 0), normal(3, 0), normal(3)], F.linear)


def shapes():
    def shaped(op, shape, function, **args):
        given = ", ".join(f"{k} {v}" for k, v in args.items())
        row(f"{op} of {shape} {given}".rstrip(), op, [normal(*shape)], function, **args)

    for shape, to in [
        ([2, 3], [3, 2]),
        ([2, 3], [-1]),
        ([2, 3, 2], [2, -1]),
        ([], [1, 1]),
        ([1], []),
        ([2, 0], [0, 5]),
    ]:
        shaped("reshape", shape, lambda x: x.reshape(to), to=to)
    shaped("reshape_transposed", [2, 3], lambda x: x.T.reshape(2, 3), to=[2, 3])
    for shape, first, last in [([2, 3, 2], 0, -1), ([2, 3, 2], 1, 2), ([2, 3], 0, 0), ([], 0, -1)]:
        shaped("flatten", shape, lambda x: x.flatten(first, last), first=first, last=last)
    for shape, order in [([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [0, -1, 1]), ([2, 3], [0, 1]), ([], [])]:
        shaped("permute", shape, lambda x: x.permute(order), order=order)
    for shape, a, b in [([2, 3], 0, 1), ([2, 3, 2], -1, 0), ([2, 3], 1, 1)]:
        shaped("transpose", shape, lambda x: x.transpose(a, b), a=a, b=b)
    for shape in [[], [3], [2, 3]]:
        shaped("t", shape, lambda x: x.t())
    for shape in [[2, 3], [2, 3, 2]]:
        shaped("mt", shape, lambda x: x.mT)
    for shape, axis in [([1, 3], 0), ([3, 1], -1), ([2, 1, 2], 1), ([1], 0)]:
        shaped("squeeze", shape, lambda x: x.squeeze(axis), axis=axis)
    for shape, axis in [([], 0), ([3], 0), ([3], -1), ([2, 3], 1), ([2, 3], -2)]:
        shaped("unsqueeze", shape, lambda x: x.unsqueeze(axis), axis=axis)
    for shape, to in [
        ([3], [2, 3]),
        ([2, 1], [2, 3]),
        ([], [2, 2]),
        ([1], [0]),
        ([1, 2, 1], [3, 1, 2, 2]),
        ([2], [2]),
    ]:
        shaped("expand", shape, lambda x: x.expand(to), to=to)
    for shape, to in [
        ([2, 3], [3]),
        ([2, 3], [2, 1]),
        ([2, 3], [1, 1]),
        ([2, 3], []),
        ([2, 3, 2], [3, 1]),
        ([0, 3], [1, 3]),
        ([1, 3], [3]),
        ([2], [2]),
    ]:
        shaped("sum_to", shape, lambda x: x.sum_to_size(to) if to else x.sum(), to=to)
    shaped("contiguous_transposed", [2, 3], lambda x: x.T.contiguous())


def indexing():
    def index(name, shape, at, *given):
        row(f"index {name}", "index", [normal(*shape)], lambda x: x[at], at=list(given))

    index("2", [4], 2, 2)
    index("-1", [2, 3], -1, -1)
    index("1, -2", [2, 3], (1, -2), 1, -2)
    index("1..", [4], slice(1, None), [1, None])
    index("..-1", [4], slice(0, -1), [0, -1])
    index(".., 1..3", [2, 4], (slice(None), slice(1, 3)), [0, None], [1, 3])
    index("-2.., 0", [3, 2], (slice(-2, None), 0), [-2, None], 0)
    index("0, 1..1", [2, 3], (0, slice(1, 1)), 0, [1, 1])
    index("1, .., 0", [2, 3, 2], (1, slice(None), 0), 1, [0, None], 0)
    for shape, axis, i in [([3], 0, 1), ([2, 3], 1, -1), ([2, 3, 2], 1, 0)]:
        pick = lambda x: x.select(axis, i)
        row(f"select {i} of axis {axis}", "select", [normal(*shape)], pick, axis=axis, index=i)
    for shape, axis, start, length in [([5], 0, 1, 3), ([2, 3], -1, 0, 2), ([2, 3], 0, 2, 0)]:
        part = lambda x: x.narrow(axis, start, length)
        name = f"narrow {start} {length} of axis {axis}"
        row(name, "narrow", [normal(*shape)], part, axis=axis, start=start, len=length)
    for size, start, end, step in [(7, 1, 6, 2), (7, 0, 7, 3), (5, 0, 5, 7), (4, 2, 2, 1), (3, 0, 3, 1)]:
        given = {"axis": 1, "start": start, "end": end, "step": step}
        name = f"slice {start}..{end} by {step}"
        row(name, "slice", [normal(2, size)], lambda x: x[:, start:end:step], **given)
    for shape, axis, picks in [
        ([3], 0, [2, 0, 1]),
        ([3], 0, [0, 0, 1, 0]),
        ([2, 3], 1, [2, 2]),
        ([3, 2], 0, [1]),
        ([2, 3, 2], -2, [0, 2, 2]),
        ([3, 2], 0, []),
    ]:
        chosen = torch.tensor(picks, dtype=torch.int64)
        name = f"index_select {picks} of axis {axis}"
        pick = lambda x, i: x.index_select(axis, i)
        row(name, "index_select", [normal(*shape), chosen], pick, axis=axis)


def joining():
    for shapes, axis in [
        ([[2], [3]], 0),
        ([[2, 3], [1, 3], [2, 3]], 0),
        ([[2, 1], [2, 3]], -1),
        ([[2, 0], [2, 2]], 1),
        ([[2, 2]], 0),
        ([[0], [2]], 0),
    ]:
        join = lambda *x: torch.cat(x, axis)
        row(f"cat {shapes} along {axis}", "cat", [normal(*s) for s in shapes], join, axis=axis)
    legacy = [normal(0), normal(2, 3), normal(0)]
    row("cat skips 1-d empty tensors", "cat", legacy, lambda *x: torch.cat(x, 1), axis=1)
    itself = lambda x: torch.cat([x, x], 0)
    row("cat, same input twice", "cat_itself", [normal(2, 2)], itself)
    for shape, count, axis in [([3], 2, 0), ([2, 2], 3, 1), ([2, 2], 2, -1), ([], 3, 0), ([0], 2, 1)]:
        join = lambda *x: torch.stack(x, axis)
        parts = [normal(*shape) for _ in range(count)]
        row(f"stack {count} of {shape} along {axis}", "stack", parts, join, axis=axis)


def replacing():
    """Operations that PyTorch's operator database as we have it leaves out."""
    part = lambda x, v: torch.select_scatter(x, v, 1, -1)
    row("select_scatter", "select_scatter", [normal(2, 3), normal(2)], part, axis=1, index=-1)
    part = lambda x, v: torch.slice_scatter(x, v, 1, 1, 3)
    given = {"axis": 1, "start": 1, "end": 3}
    row("slice_scatter", "slice_scatter", [normal(2, 3), normal(2, 2)], part, **given)

    def assigned(x, v):
        y = x.clone()
        y[1, 1:] = v
        return y

    for shape in [[2], [1], []]:
        name = f"index_assign of {shape}"
        row(name, "index_assign", [normal(2, 3), normal(*shape)], assigned, at=[1, [1, None]])
    index = torch.tensor([2, 0])
    copied = lambda x, i, v: x.index_copy(1, i, v)
    row("index_copy", "index_copy", [normal(2, 3), index, normal(2, 2)], copied, axis=1)
    mask = torch.tensor([[True, False, True], [False, True, False]])
    placed = lambda x, m, v: x.masked_scatter(m, v)
    row("masked_scatter", "masked_scatter", [normal(2, 3), mask, normal(2, 2)], placed)
    for name, shape in [("row", [3]), ("matrix", [2, 3])]:
        chosen = torch.tensor([[1, -1, 1]] if name == "matrix" else [0, -2])
        indexed = lambda x, i: x[i]
        row(f"index_tensors, {name}", "index_tensors", [normal(*shape), chosen], indexed)
    both = [torch.tensor([[1], [0]]), torch.tensor([-1, 0, 2])]
    indexed = lambda x, i, j: x[i, j]
    row("index_tensors, two", "index_tensors", [normal(2, 3, 2), *both], indexed)
    row("index_tensors, mask", "index_tensors", [normal(2, 3), mask], lambda x, m: x[m])
    row("unflatten", "unflatten", [normal(2, 6)], lambda x: x.unflatten(1, [2, -1]), axis=1, to=[2, -1])
    row("dstack", "dstack", [normal(2), normal(1, 2)], lambda *x: torch.dstack(x))
    second = lambda x: torch.dsplit(x, 2)[1]
    row("dsplit", "dsplit", [normal(1, 2, 4)], second)
    second = lambda x: torch.dsplit(x, [1, -1])[1]
    row("dsplit_at", "dsplit_at", [normal(1, 2, 4)], second, at=[1, -1])
    row("rot90", "rot90", [normal(2, 3)], lambda x: torch.rot90(x, 1))
    options = {"dilation": (1, 2), "padding": (1, 0), "stride": (2, 1)}
    fold = lambda x: F.fold(x, (3, 4), (2, 2), **options)
    row("fold", "fold", [normal(1, 8, 4)], fold)

    # Of those without a gradient, the product of the result and a tensor that has one.
    classes = torch.tensor([[2, 0], [1, 1]])
    row("one_hot", "one_hot", [normal(3), classes], lambda x, i: x * F.one_hot(i, 3))
    row("bincount", "bincount", [normal(4), torch.tensor([3, 1, 3])], lambda x, i: x * torch.bincount(i))
    row("nonzero", "nonzero", [normal(2), mask], lambda x, m: x * torch.nonzero(m))
    edges, values = torch.tensor([-1, 0, 0, 4, 9]), torch.tensor([[0, 4, -7], [10, 3, 0]])
    for right in [False, True]:
        given = [normal(3), edges, values]
        found = lambda x, e, v: x * torch.searchsorted(e, v, right=right)
        row(f"searchsorted, right {right}", "searchsorted", given, found, right=right)
        found = lambda x, e, v: x * torch.bucketize(v, e, right=right)
        row(f"bucketize, right {right}", "bucketize", given, found, right=right)


def casting():
    special = tensor([0.1, 1 / 3, 1e-50, 1e30, 1e300, -INF, NAN])
    row("to_dtype f32 and back", "to_dtype", [special], lambda x: x.float().double())
    row("to_dtype of its own dtype", "to_own_dtype", [normal(3)], lambda x: x.double())
