"""How sure a share is: the interval that a share of few cases cannot be without."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Z = 1.959964  # standard normal: 95 % lies within


def wilson(cases: ArrayLike, of: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95 % confidence interval (low, high; 0..1) of shares `cases` / `of`.

    Where `of` is zero nothing is known: 0 to 1. Wilson 1927, without continuity correction.
    """
    k, n = np.asarray(cases, dtype=float), np.asarray(of, dtype=float)
    share = np.divide(k, n, out=np.zeros_like(n), where=n > 0)
    weight = n + _Z**2
    centre = (n * share + _Z**2 / 2) / weight
    reach = _Z / weight * np.sqrt(n * share * (1 - share) + _Z**2 / 4)
    return np.clip(centre - reach, 0, share), np.clip(centre + reach, share, 1)
