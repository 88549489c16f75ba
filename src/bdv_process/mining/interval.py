"""How sure a number is: the 95 % interval that a number from few cases cannot be without."""

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


def of_median(amounts: ArrayLike) -> tuple[float, float, float]:
    """Return the median with its 95 % confidence interval, whatever the distribution.

    The bounds are the order statistics that a binomial says; below six amounts nothing narrower
    than all of them is known. Conover 1999.
    """
    ordered = np.sort(np.asarray(amounts, dtype=float))
    n = len(ordered)
    reach = _Z * np.sqrt(n) / 2
    low, high = max(int(np.floor(n / 2 - reach)) - 1, 0), min(int(np.ceil(n / 2 + reach)), n - 1)
    return float(np.median(ordered)), float(ordered[low]), float(ordered[high])


def of_mean(amounts: ArrayLike) -> tuple[float, float, float]:
    """Return the mean with its 95 % confidence interval, by the normal distribution."""
    given = np.asarray(amounts, dtype=float)
    mean = float(given.mean())
    reach = float(_Z * given.std(ddof=1) / np.sqrt(len(given))) if len(given) > 1 else np.inf
    return mean, mean - reach, mean + reach


def newcombe(
    cases: ArrayLike, of: ArrayLike, cases_before: ArrayLike, of_before: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95 % confidence interval of how much one share differs from another (-1..1).

    Newcombe 1998, method 10: the square-and-add of two Wilson intervals.
    """
    one, low, high = _share(cases, of)
    other, lowest, highest = _share(cases_before, of_before)
    difference = one - other
    return (
        difference - np.hypot(one - low, highest - other),
        difference + np.hypot(high - one, other - lowest),
    )


def _share(
    cases: ArrayLike, of: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    k, n = np.asarray(cases, dtype=float), np.asarray(of, dtype=float)
    return (np.divide(k, n, out=np.zeros_like(n), where=n > 0), *wilson(cases, of))


def of_chance(chance: float, these: int, those: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of the chance that one of these exceeds one of those.

    From the share of all pairs in which it does, ties half (the Mann-Whitney statistic divided by
    the number of pairs); Newcombe 2006, method 5: the chances that this share does not contradict.
    """
    spread = (these + those) / 2 - 1

    def contradicted(true: float) -> bool:
        shape = 1 + spread * ((1 - true) / (2 - true) + true / (1 + true))
        return abs(chance - true) > _Z * float(np.sqrt(true * (1 - true) * shape / (these * those)))

    def edge(bound: float) -> float:
        """Return where contradiction begins, between the share itself and a bound."""
        within, beyond = chance, bound
        for _ in range(50):
            middle = (within + beyond) / 2
            within, beyond = (within, middle) if contradicted(middle) else (middle, beyond)
        return within

    return edge(0.0), edge(1.0)
