"""Muon (Jordan et al. 2024) for the matrices of the layers, AdamW for vectors and embeddings.

The step of a matrix is its momentum with all singular values set to about 1 by five Newton-Schulz iterations, scaled to
the size of an Adam step (Liu et al. 2025, arXiv 2502.16982, section 2.2), so that both share one rate. torch's own
iterates in bfloat16, which a CPU without such instructions does ten times slower than this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

MOMENTUM, DECAY, BETAS, EPSILON = 0.95, 0.01, (0.9, 0.98), 1e-8
COEFFICIENTS, ITERATIONS, SIZE = (3.4445, -4.775, 2.0315), 5, 0.2


class Muon(torch.optim.Optimizer):
    """One rate for both kinds of steps; state and steps are float32."""

    def __init__(self, named: Iterable[tuple[str, torch.nn.Parameter]], lr: float) -> None:
        matrices, others = list[torch.nn.Parameter](), list[torch.nn.Parameter]()
        for name, parameter in named:
            (matrices if parameter.dim() == 2 and "embed" not in name else others).append(parameter)
        groups = [{"params": matrices, "matrix": True}, {"params": others, "matrix": False}]
        super().__init__(groups, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            move = self._turn if group["matrix"] else self._adam
            for parameter in group["params"]:
                if parameter.grad is not None:
                    move(parameter, group["lr"])

    def _turn(self, parameter: torch.Tensor, lr: float) -> None:
        state = self.state[parameter]
        momentum = state.setdefault("momentum", torch.zeros_like(parameter))
        momentum.lerp_(parameter.grad, 1 - MOMENTUM)
        step = orthogonal(parameter.grad.lerp(momentum, MOMENTUM)) * SIZE * max(parameter.shape) ** 0.5
        parameter.mul_(1 - lr * DECAY).add_(step, alpha=-lr)

    def _adam(self, parameter: torch.Tensor, lr: float) -> None:
        state = self.state[parameter]
        mean = state.setdefault("mean", torch.zeros_like(parameter))
        square = state.setdefault("square", torch.zeros_like(parameter))
        count = state["count"] = state.get("count", 0) + 1
        mean.lerp_(parameter.grad, 1 - BETAS[0])
        square.mul_(BETAS[1]).addcmul_(parameter.grad, parameter.grad, value=1 - BETAS[1])
        size = (square / (1 - BETAS[1] ** count)).sqrt_().add_(EPSILON)
        if parameter.dim() > 1:
            parameter.mul_(1 - lr * DECAY)
        parameter.addcdiv_(mean, size, value=-lr / (1 - BETAS[0] ** count))


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """The matrix with its singular values near 1, by Newton-Schulz."""
    a, b, c = COEFFICIENTS
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = wide / wide.norm().clamp(min=1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.T if matrix.shape[0] > matrix.shape[1] else x
