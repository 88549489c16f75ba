"""How many cases followed their workflow: per template, and all templates together."""

import pandas as pd

from bdv_process.mining.conformance import ConformanceReport
from bdv_process.mining.interval import wilson

ALL = ""  #: the template of the row that holds all of them


def overview(report: ConformanceReport, *, least: int = 1) -> pd.DataFrame:
    """Return per template, and in a last row for all of them, how many cases followed it.

    Columns: template, cases, fitting, share, low, high (95 % Wilson), open. Templates of fewer than
    `least` cases have a row but are left out of the last one, which would else give them away.
    """
    grouped = report.cases.groupby("template", observed=True)
    counted = grouped.agg(cases=("fits", "size"), fitting=("fits", "sum"), open=("open", "sum"))
    together = counted[counted["cases"] >= least].sum().rename(ALL)
    counted = pd.concat([counted, together.to_frame().T]).astype(int)
    counted["share"] = (counted["fitting"] / counted["cases"]).fillna(0.0)
    counted["low"], counted["high"] = wilson(counted["fitting"], counted["cases"])
    columns = ["template", "cases", "fitting", "share", "low", "high", "open"]
    return counted.rename_axis("template").reset_index()[columns]
