"""Options of losses, and losses, that PyTorch's module database does not try, for module_cases.py.

To each loss a list of: no arguments, the constructor's options, and what makes the inputs.
"""

import torch


def pair(*shape):
    return torch.randn(shape, requires_grad=True), torch.randn(shape, requires_grad=True)


def triplet():
    return *pair(4, 3), torch.randn(4, 3, requires_grad=True)


def outcomes(*shape):
    return torch.randn(shape, requires_grad=True), torch.rand(shape)


def gaussian(*variance):
    return *pair(4, 3), torch.rand(variance, dtype=torch.float64).add(0.25).requires_grad_()


def sequences():
    """Padded targets, one of which has no label, and inputs that end earlier."""
    x = torch.randn(6, 3, 4).log_softmax(-1).requires_grad_()
    return x, torch.tensor([[1, 1, 2], [0, 0, 0], [3, 2, 0]]), (6, 4, 3), (3, 0, 2)


def too_long():
    x = torch.randn(4, 2, 3).log_softmax(-1).requires_grad_()
    return x, torch.tensor([[1, 1, 1], [1, 2, 1]]), (4, 4), (3, 3)


def each(losses, inputs, *options):
    return {loss: [((), kwargs, inputs) for kwargs in options] for loss in losses}


SWAP = {"margin": 0.5, "swap": True}
WEIGHTS = {"weight": torch.tensor([0.5, 2.0, 1.5]), "pos_weight": torch.tensor([2.0, 0.25, 1.0])}
LOSSES = {
    **each(["nn.TripletMarginLoss"], triplet, {}, SWAP, {"p": 1.0, "reduction": "none"}, {"eps": 0.5}),
    **each(["nn.TripletMarginWithDistanceLoss"], triplet, {}, SWAP, {"reduction": "sum"}),
    **each(["nn.BCEWithLogitsLoss"], lambda: outcomes(4, 3), WEIGHTS, WEIGHTS | {"reduction": "none"}),
    **each(["nn.HuberLoss"], lambda: pair(3, 4), {"delta": 0.5}),
    **each(["nn.SmoothL1Loss"], lambda: pair(3, 4), {"beta": 0.5}, {"beta": 0.0}),
    "nn.GaussianNLLLoss": [
        ((), {"full": True}, lambda: gaussian(4, 3)),
        ((), {"eps": 0.5, "reduction": "none"}, lambda: gaussian(4)),
    ],
    "nn.CTCLoss": [
        *[((), {"reduction": reduction}, sequences) for reduction in ["none", "mean", "sum"]],
        ((), {"zero_infinity": True}, too_long),
        ((), {"zero_infinity": True, "reduction": "none"}, too_long),
    ],
    "nn.PoissonNLLLoss": [
        ((), {"log_input": False, "eps": 0.5}, lambda: (gaussian(3, 4)[2], torch.rand(3, 4) * 3)),
    ],
    "nn.CrossEntropyLoss": [
        (
            (),
            {"weight": torch.tensor([0.5, 2.0, 1.5]), "ignore_index": 1, "label_smoothing": 0.2},
            lambda: (torch.randn(4, 3, requires_grad=True), torch.tensor([0, 1, 2, 2])),
        ),
    ],
}
