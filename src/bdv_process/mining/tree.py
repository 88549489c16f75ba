"""The tree of cases that one need started: which belong together, how deep, and of what pattern."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from bdv_process.eventlog.coded import decoded, places
from bdv_process.eventlog.event import ROOT
from bdv_process.eventlog.lineage import linked
from bdv_process.mining.variants import cases_of


def tree(log: pd.DataFrame) -> pd.DataFrame:
    """Return the cases of a log (see `variants.cases_of`) with stream, parent and depth.

    `stream` is the id of the first case of the chain; `parent` is the row of the case whose fork
    started this one, -1 for none in the log; `depth` is 0 for the first case. A parent outweighs a
    recorded root: a case that was linked late takes its children along. What lost its parent joins
    the stream of its recorded root, below the root case when the log has it.

    Raises:
        InputRefused: cases are each other's ancestors.
    """
    cases = cases_of(log)
    roots = decoded(log[[ROOT]].iloc[cases["first"]])[ROOT]
    parent, root = (places(ids, cases["case"]) for ids in (cases["parent"], roots))
    parent, top, depth = linked(cases["case"], parent, root)
    stream = roots.iloc[top].where(root[top] < 0, cases["case"].iloc[top].array)
    return cases.assign(stream=stream.array, parent=parent, depth=depth)


def patterns(cases: pd.DataFrame, names: Mapping[str, str]) -> pd.Series:
    """Return by stream its pattern, as text that is equal for equal trees.

    `recover>change>operate` is a chain; `improve>(agree, agree>change)` forks twice. Children are
    in the order of the alphabet; cases without a parent in one stream are joined by ` + `.

    Args:
        cases: as `tree` returns them.
        names: what to call a template; one that is missing goes by its key, none by `case`.
    """
    label = cases["template"].replace(dict(names)).astype("str")
    text = label.fillna("case").to_numpy(dtype=object, copy=True)
    parent, depth = cases["parent"].to_numpy(), cases["depth"].to_numpy()
    for level in range(int(depth.max(initial=0)), 0, -1):
        below = np.flatnonzero(depth == level)
        below = below[np.argsort(parent[below], kind="stable")]
        above, first, often = np.unique(parent[below], return_index=True, return_counts=True)
        only = often == 1
        text[above[only]] += ">" + text[below[first[only]]]
        for node, start, count in zip(above[~only], first[~only], often[~only], strict=True):
            children = sorted(text[below[start : start + count]])
            text[node] += f">({', '.join(children)})"
    tops = pd.Series(text[parent < 0], index=cases.loc[parent < 0, "stream"])
    alone = ~tops.index.duplicated(keep=False)
    several = tops[~alone].groupby(level=0).agg(lambda each: " + ".join(sorted(each)))
    found: pd.Series = pd.concat([tops[alone], several]).rename("pattern")
    return found.rename_axis("stream")
