"""PyTorch's own form of functions whose gradients stay finite at zero: the double `where`."""

import torch


def safe_sqrt(x):
    inside = torch.where(x == 0, 1.0, x)
    return torch.where(x == 0, 0.0, inside.sqrt())


def safe_div(x, y):
    inside = torch.where(y == 0, 1.0, y)
    return torch.where(y == 0, 0.0, x / inside)
