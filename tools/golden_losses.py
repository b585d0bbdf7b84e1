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
