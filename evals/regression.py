"""Logistic regression, with a prior or without: what confidences are fitted by. A pure function.

In numpy alone, because ``pullquote eval`` runs where scikit-learn is not installed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS = 100
_CLOSE = 1e-10
_CLIPPED = 500.0  # beyond these log-odds all are as sure: no exponential overflows


def most_likely(
    rows: NDArray[np.float64],
    targets: NDArray[np.float64],
    *,
    centre: NDArray[np.float64],
    precision: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """The weights most likely given ``targets`` and a prior, by Newton's method (Bishop 2006, 4.3.3 and 4.5).

    Args:
        rows: inputs, ``(n, weights)``.
        targets: the probability, 0 to 1, that is to be given to each row, ``(n,)``.
        centre: means of the Gaussian prior, ``(weights,)``, and where the search begins.
        precision: inverse variances of the prior, ``(weights,)``; 0 is no prior.

    Returns:
        ``(weights,)``; None where no weights are most likely.
    """

    def loss(at: NDArray[np.float64]) -> float:
        scores = rows @ at
        return float(np.logaddexp(0.0, scores).sum() - targets @ scores + 0.5 * precision @ (at - centre) ** 2)

    weights = centre
    for _ in range(_STEPS):
        given = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -_CLIPPED, _CLIPPED)))  # (n,)
        slope = rows.T @ (given - targets) + precision * (weights - centre)
        bend = (rows.T * (given * (1 - given))) @ rows + np.diag(precision)
        try:
            step = np.linalg.solve(bend, slope)
        except np.linalg.LinAlgError:
            return None
        # Far from the least a whole step can lead away from it; where nothing falls any more, steps are noise.
        while np.abs(step).max() > _CLOSE and loss(weights - step) >= loss(weights):
            step = step / 2
        weights = weights - step
        if np.abs(step).max() <= _CLOSE:
            return weights
    return None
