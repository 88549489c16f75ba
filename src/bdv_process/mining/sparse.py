"""Rows of costs without a matrix of all pairs of states: what becomes cheaper is passed on."""

import numpy as np
from numpy.typing import NDArray

from bdv_process.template.automaton import NOWHERE, Automaton

Costs = NDArray[np.int32]
Numbers = NDArray[np.int64]


class Sparse:
    """What an event makes of rows, by a sweep over the edges in order of cost."""

    def __init__(self, automaton: Automaton) -> None:
        steps = np.array(automaton.steps, dtype=np.int64)
        self.states = len(steps)
        here = np.arange(self.states)[:, None]
        following = np.sort(np.where(steps == NOWHERE, here, steps), axis=1)
        # A step to where one is changes nothing: it fills up the columns that a state lacks.
        following[:, 1:][following[:, 1:] == following[:, :-1]] = -1
        following = np.where(following == here, -1, following)
        following = -np.sort(-following, axis=1)[:, : (following >= 0).sum(axis=1).max(initial=1)]
        self.following = np.where(following < 0, here, following)
        self.edges = []
        for column in steps.T:
            sources = np.flatnonzero(column != NOWHERE)
            sources = sources[np.argsort(column[sources], kind="stable")]
            targets, first = np.unique(column[sources], return_index=True)
            self.edges.append((sources, targets, first))
        start = np.full(self.states, self.states, dtype=np.int32)
        start[0] = 0
        self.pass_on(start, np.array([0]))
        self.start: Costs = start

    def after(self, rows: Costs, codes: Numbers) -> Costs:
        """Return the rows after each has read one more label."""
        after = rows + 1
        cheaper = []
        for code in np.unique(codes[codes >= 0]):
            here = np.flatnonzero(codes == code)
            sources, targets, first = self.edges[code]
            if len(sources):
                reached = np.minimum.reduceat(rows[np.ix_(here, sources)], first, axis=1)
                row, target = np.nonzero(reached < after[np.ix_(here, targets)])
                after[here[row], targets[target]] = reached[row, target]
                cheaper.append(here[row] * self.states + targets[target])
        if cheaper:
            self.pass_on(after.reshape(-1), np.concatenate(cheaper))
        return after

    def pass_on(self, costs: Costs, cheaper: Numbers) -> None:
        """Let what became cheaper in flattened rows make cheaper what model moves reach from it."""
        cost = costs[cheaper].min(initial=0)
        while len(cheaper):
            due = costs[cheaper] == cost
            row, state = np.divmod(cheaper[due], self.states)
            targets = (self.following[state] + (row * self.states)[:, None]).ravel()
            cost += 1
            reached = np.unique(targets[costs[targets] > cost])
            costs[reached] = cost
            cheaper = np.concatenate((cheaper[~due], reached))
