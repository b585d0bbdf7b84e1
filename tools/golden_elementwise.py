"""Golden rows of elementwise operations that PyTorch's operator database as we have it leaves out."""

import torch

from golden_row import INF, NAN, normal, positive, row, tensor
from safe import safe_div, safe_sqrt


def beyond():
    for shape in [[2, 3], [], [0]]:
        row(f"hypot of {shape}", "hypot", [normal(*shape), normal(*shape)], torch.hypot)
        row(f"rpow of {shape}", "rpow", [normal(*shape)], lambda x: torch.pow(2.5, x), base=2.5)
    row("hypot, broadcast", "hypot", [normal(2, 3), normal(3)], torch.hypot)
    row("rpow of 0", "rpow", [tensor([0.0, 0.5, 2.0])], lambda x: torch.pow(0.0, x), 1, base=0.0)

    row("sinc", "sinc", [normal(2, 3)], torch.sinc)
    row("sinc, far", "sinc", [tensor([0.5, -1.0, 2.5, 10.25])], torch.sinc)
    row("sinc at 0", "sinc", [tensor([0.0, -0.0])], torch.sinc, 1)

    odd = tensor([NAN, INF, -INF, 1.5, -2.0])
    row("nan_to_num", "nan_to_num", [odd], torch.nan_to_num)
    given = {"nan": 1.0, "posinf": 2.0, "neginf": -3.0}
    replaced = lambda x: torch.nan_to_num(x, **given)
    row("nan_to_num_with", "nan_to_num_with", [odd], replaced, **given)
    for name in ["isfinite", "isinf"]:
        chosen = lambda x, y: torch.where(getattr(torch, name)(x), x, y)
        row(name, name, [odd, normal(5)], chosen)

    zeros = tensor([0.0, 0.25, 4.0])

    def split(x):
        above, below = torch.where(x > 0, x, 1.0), torch.where(x > 0, -1.0, x)
        return torch.where(x > 0, above.log(), below.square())

    row("safe_sqrt", "safe_sqrt", [zeros], safe_sqrt)
    row("safe_div", "safe_div", [normal(2, 3), zeros], safe_div)
    row("where_with", "where_with", [torch.cat([-positive(3), positive(2)])], split)
