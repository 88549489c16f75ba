"""Rules on the record itself: was it written down when it happened."""

from bdv_process.eventlog.event import RECORDED, TIMESTAMP
from bdv_process.mining.rules.checked import Looked, Why
from bdv_process.mining.rules.evidence import Cases
from bdv_process.template.procedure import Procedure


def recorded(cases: Cases, procedure: Procedure) -> Looked | Why:
    """Check that events were written down soon after they occurred.

    Looks at cases with an event of which the log says when it was written down. Broken by each
    event that `bdv:recorded` puts more than the procedure's `recorded_within` after its time.
    """
    if not cases.carry(RECORDED):
        return Why.RECORDED
    if not cases.evidence.can.of_any(TIMESTAMP):
        return Why.TIMES
    rows = cases.filled(RECORDED)
    waited = cases.evidence.at(rows, RECORDED) - cases.evidence.at(rows, TIMESTAMP)
    late = (waited > procedure.recorded_within).to_numpy()
    return cases.looked_through(cases.among(rows), rows[late])
