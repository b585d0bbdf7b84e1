"""Golden rows of losses and selections that PyTorch's operator database as we have it leaves out.

PyTorch has no second derivative of some margin losses: those are written here in its own elementary
operations, and their values compared with its own functions.
"""

import torch
import torch.nn.functional as F

from golden_row import normal, positive, row


def multi_margin_loss(x, target, p, reduction):
    margins = (1.0 - x.gather(1, target[:, None]) + x).clamp(min=0) ** p
    others = torch.ones_like(x).scatter(1, target[:, None], 0.0)
    losses = (margins * others).sum(1) / x.shape[1]
    losses = {"none": losses, "mean": losses.mean(), "sum": losses.sum()}[reduction]
    assert torch.allclose(losses, F.multi_margin_loss(x, target, p=p, reduction=reduction))
    return losses


def multilabel_margin_loss(x, target, reduction):
    losses = []
    for scores, labels in zip(x, target.tolist()):
        labels = labels[: labels.index(-1)] if -1 in labels else labels
        rest = [i for i in range(len(scores)) if i not in labels]
        pairs = [(1.0 - (scores[i] - scores[j])).clamp(min=0) for i in labels for j in rest]
        losses.append(sum(pairs, scores.new_zeros(())) / len(scores))
    losses = torch.stack(losses)
    losses = {"none": losses, "mean": losses.mean(), "sum": losses.sum()}[reduction]
    assert torch.allclose(losses, F.multilabel_margin_loss(x, target, reduction=reduction))
    return losses


def ctc_loss(logits, targets, lengths, counts, blank, reduction, zero_infinity):
    """All alignments by Graves' recursion, state by state; values and gradients are F.ctc_loss's."""
    x, losses, start = logits.log_softmax(-1), [], 0
    for n, (steps, count) in enumerate(zip(lengths, counts)):
        labels = targets[start : start + count] if targets.dim() == 1 else targets[n, :count]
        start += count
        path = [blank] + [c for label in labels.tolist() for c in (label, blank)]
        alphas = {s: x[0, n, path[s]] for s in range(min(2, len(path)))}
        for t in range(1, steps):
            after = {}
            for s, c in enumerate(path):
                skips = s >= 2 and c != blank and c != path[s - 2]
                before = [alphas[r] for r in [s, s - 1] + [s - 2] * skips if r in alphas]
                if before:
                    after[s] = x[t, n, c] + torch.stack(before).logsumexp(0)
            alphas = after
        ends = [alphas[s] for s in range(len(path))[-2:] if s in alphas]
        assert ends or zero_infinity, "an infinite loss has no derivatives"
        loss = -torch.stack(ends).logsumexp(0) if ends else 0 * logits.sum()
        losses.append(loss / max(count, 1) if reduction == "mean" else loss)
    losses = torch.stack(losses)
    return {"none": losses, "mean": losses.mean(), "sum": losses.sum()}[reduction]


def ctc():
    sequences = {
        "padded": [[1, 2, 0], [2, 2, 1], [1, 0, 0]],
        "joined": [1, 2, 2, 2, 1, 1],
        "without labels": [[1, 2], [0, 0], [1, 0]],
        "without alignment": [[1, 2, 0], [2, 2, 2], [1, 0, 0]],
    }
    counts = {"padded": [2, 3, 1], "joined": [2, 3, 1], "without labels": [2, 0, 1]}
    for case, targets in sequences.items():
        for reduction in ["none", "mean", "sum"]:
            args = {
                "lengths": [5, 4 if case == "without alignment" else 6, 1],
                "counts": counts.get(case, [2, 3, 1]),
                "blank": 0,
                "reduction": reduction,
                "zero_infinity": case == "without alignment",
            }
            ours = lambda x, t: ctc_loss(x, t, **args)
            theirs = lambda x, t: F.ctc_loss(
                x.log_softmax(-1), t, args["lengths"], args["counts"], 0, reduction, args["zero_infinity"]
            )
            x, t = normal(6, 3, 4).requires_grad_(), torch.tensor(targets)
            losses = [ours(x, t), theirs(x, t)]
            assert torch.allclose(*losses, rtol=1e-12)
            slopes = [torch.autograd.grad(y.sum(), x)[0] for y in losses]
            assert torch.allclose(*slopes, rtol=1e-10, atol=1e-13)
            row(f"ctc_loss {case} {reduction}", "ctc_loss", [x.detach(), t], ours, **args)
    args = {"lengths": [4], "counts": [2], "blank": 2, "reduction": "none", "zero_infinity": False}
    last = lambda x, t: ctc_loss(x, t, **args)
    row("ctc_loss, another blank", "ctc_loss", [normal(4, 1, 3), torch.tensor([[0, 1]])], last, **args)


def losses_further(reduction):
    x, signs = [normal(4, 3), normal(4, 3), normal(4, 3)], torch.tensor([1, -1, 1, -1])
    by = {"reduction": reduction}

    def add(op, inputs, function, **args):
        named = "".join(f", {key} {value}" for key, value in args.items())
        row(f"{op} {reduction}{named}", op, inputs, function, **args, **by)

    for log_input in [True, False]:
        poisson = lambda x, t: F.poisson_nll_loss(x, t, log_input=log_input, **by)
        inputs = [x[0] if log_input else positive(4, 3), positive(4, 3)]
        add("poisson_nll_loss", inputs, poisson, log_input=log_input)
    gaussian = lambda x, t, v: F.gaussian_nll_loss(x, t, v, **by)
    add("gaussian_nll_loss", [x[0], x[1], positive(4, 3)], gaussian)
    cosine = lambda a, b, y: F.cosine_embedding_loss(a, b, y.double(), 0.25, **by)
    add("cosine_embedding_loss", [x[0], x[1], signs], cosine)
    for swap in [False, True]:
        triplet = lambda a, p, n: F.triplet_margin_loss(a, p, n, swap=swap, **by)
        add("triplet_margin_loss", x, triplet, swap=swap)
    columns = [part[:, 0] for part in x]
    hinge = lambda x, y: F.hinge_embedding_loss(x, y.double(), 0.75, **by)
    add("hinge_embedding_loss", [columns[0], signs], hinge)
    ranking = lambda a, b, y: F.margin_ranking_loss(a, b, y.double(), 0.25, **by)
    add("margin_ranking_loss", [*columns[:2], signs], ranking)
    soft = lambda x, y: F.soft_margin_loss(x, y.double(), **by)
    add("soft_margin_loss", [columns[0], signs], soft)
    labels = torch.tensor([0, 2, 1, 1])
    for p in [1, 2]:
        multi = lambda x, t: multi_margin_loss(x, t, p, reduction)
        add("multi_margin_loss", [x[0], labels], multi, p=p)
    lists = torch.tensor([[0, -1, 1], [2, 1, -1], [-1, 0, 0], [1, 2, 0]])
    multilabel = lambda x, t: multilabel_margin_loss(x, t, reduction)
    add("multilabel_margin_loss", [x[0], lists], multilabel)
    present = torch.tensor([[0, 1, 1], [1, 0, 0], [0, 0, 0], [1, 1, 1]])
    soft = lambda x, t: F.multilabel_soft_margin_loss(x, t.double(), **by)
    add("multilabel_soft_margin_loss", [x[0], present], soft)


def further():
    for reduction in ["none", "mean", "sum"]:
        losses_further(reduction)
    line, plane = [lambda x: F.adaptive_max_pool1d(x, 3), lambda x: F.adaptive_max_pool2d(x, (2, 3))]
    row("adaptive_max_pool1d", "adaptive_max_pool1d", [normal(2, 7)], line)
    row("adaptive_max_pool2d", "adaptive_max_pool2d", [normal(2, 5, 7)], plane)
    for shape in [[5], [2, 4], []]:
        row(f"median of {shape}", "median", [normal(*shape)], torch.median)
    row("median_dim", "median_dim", [normal(3, 4)], lambda x: torch.median(x, 1).values)
    row("cummax", "cummax", [normal(3, 4)], lambda x: torch.cummax(x, 1).values)
    row("cummin", "cummin", [normal(3, 4)], lambda x: torch.cummin(x, 0).values)
    row("var_mean", "var_mean", [normal(3, 4)], lambda x: sum(torch.var_mean(x, 1)))
    ctc()
    distances()


def distances():
    square = lambda a, b: (a - b).square().sum(-1)
    for reduction in ["none", "mean", "sum"]:
        for swap in [False, True]:
            args = {"swap": swap, "reduction": reduction}
            options = {"distance_function": square, "margin": 0.5, **args}
            loss = lambda a, p, n: F.triplet_margin_with_distance_loss(a, p, n, **options)
            op = "triplet_margin_with_distance_loss"
            row(f"{op} {reduction}, swap {swap}", op, [normal(4, 3) for _ in range(3)], loss, **args)
