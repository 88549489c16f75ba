"""Which way of aligning fits a model: what each finds is exact, their times are not alike."""

from enum import StrEnum

from bdv_process.template.automaton import Automaton

DENSE_STATES = 100  # beyond, sweeping is faster than M, which has a cell for each pair of states


class Tier(StrEnum):
    """Which way of aligning ran: text keys."""

    DENSE = "tier.dense"  #: rows of costs, by a matrix of all pairs of states
    SPARSE = "tier.sparse"  #: rows of costs, swept over the edges of the automaton
    TREE = "tier.tree"  #: costs of intervals, by the process tree
    SEARCH = "tier.search"  #: a search per variant, within a time

    @classmethod
    def of(cls, automaton: Automaton) -> "Tier":
        """Return how variants are aligned with an automaton."""
        return cls.DENSE if len(automaton.steps) <= DENSE_STATES else cls.SPARSE
