"""Maps of streams: what happened over the borders of cases, in the order in which it did."""

import pytest

from bdv_process.errors import InputRefused, NotFound
from bdv_process.eventlog.event import TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.analysis import analysed
from bdv_process.mining.linking import link
from bdv_process.mining.stream_map import StreamMapping, stream_map
from bdv_process.mining.value_stream import value_streams
from bdv_process.template.model import Template
from mining.streams import Worked, log_of


def forked(name: str, *, started: float = 0) -> list[Worked]:
    """A change is accepted, calls a service which is done, and is closed."""
    change = [
        ("change_accept", "ann", started + 1, started + 2),
        ("change_deploy", None, started + 2, started + 8),
        ("change_close", "ann", started + 9, started + 10),
    ]
    service = [("operate_execute", "ben", started + 2, started + 6)]
    ends = [("change_call", started), ("change_completed", started + 10)]
    over = [("operate_completed", started + 6)]
    return [
        Worked(case=name, template="W2", steps=change, moments=ends),
        Worked(
            case=f"{name}.1", template="W5", parent=name, root=name, steps=service, moments=over
        ),
    ]


ALONE = Worked(
    case="z",
    template="W5",
    steps=[("operate_execute", "ben", 0, 1)],
    moments=[("operate_completed", 1)],
)
STEPS = ("change_accept", "change_deploy", "operate_execute", "change_close")


def test_a_fork_stands_where_it_called_and_what_it_called_for_comes_after(
    templates: dict[str, Template],
) -> None:
    """The fork is done at 8, but it called at 2; the service is done at 6, the close at 10."""
    log = log_of(*forked("p"), *forked("q", started=40), ALONE)
    found = stream_map(log, "change>operate", templates.values())
    assert found.variants == {STEPS: 2}
    assert found.cases == 2
    names = dict(zip(found.steps["activity"], found.steps["label"], strict=True))
    assert names["operate_execute"] == templates["W5"].by_id["operate_execute"].name
    pairs = zip(found.transitions["source"], found.transitions["target"], strict=True)
    assert set(pairs) == {
        ("", "change_accept"), ("change_accept", "change_deploy"),
        ("change_deploy", "operate_execute"), ("operate_execute", "change_close"),
        ("change_close", ""),
    }  # fmt: skip


def test_all_streams_together_are_on_the_map_of_none() -> None:
    found = stream_map(log_of(*forked("p"), ALONE))
    assert found.variants == {STEPS: 1, ("operate_execute",): 1}


def test_the_streams_of_a_result_draw_the_same_map(templates: dict[str, Template]) -> None:
    log = log_of(*forked("p"), ALONE)
    there = value_streams(log, templates.values()).map("operate")
    assert there.variants == {("operate_execute",): 1}


def test_a_stream_that_goes_on_has_no_end_on_the_map() -> None:
    """The change of q was called and accepted only; the log shows how changes end."""
    going = Worked(case="q", template="W2", steps=[("change_accept", "ann", 1, 2)])
    found = stream_map(log_of(*forked("p"), going), "change")
    assert found.transitions["target"].tolist() == ["change_accept"]


def test_an_inferred_link_counts_only_when_asked_for() -> None:
    parts = forked("p")
    loose = Worked(case="s", template="W5", steps=parts[1].steps, moments=parts[1].moments)
    log = link(log_of(parts[0], loose), infer=True)
    assert stream_map(log).variants == {STEPS: 1}
    assert len(stream_map(log, inferred=False).variants) == 2


def test_parts_of_a_log_come_to_the_map_of_the_whole(templates: dict[str, Template]) -> None:
    """Part two has no stream of the pattern; the ends that part one shows count there too."""
    going = Worked(case="q", template="W2", steps=[("change_accept", "ann", 1, 2)])
    one, two = forked("p"), [ALONE, going]
    for pattern in ("", "change>operate", "change"):
        asked = StreamMapping(pattern=pattern, templates=tuple(templates.values()), inferred=True)
        whole = analysed(asked, log_of(*one, *two))
        logs = [log_of(*part) for part in (two, one)]
        can = asked.surveyed([asked.survey(log) for log in logs])
        found = asked.finish(asked.merge([asked.partial(log, can) for log in logs]), can)
        assert found.to_dict() == whole.to_dict()


def test_a_pattern_that_no_stream_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(NotFound) as refused:
        stream_map(log_of(*forked("p"), ALONE), "agree")
    assert refused.value.code == "BDV-444"
    assert refused.value.facts["known"] == "change>operate, operate"


def test_a_log_without_times_has_no_map_of_streams() -> None:
    log = log_of(ALONE)
    with pytest.raises(InputRefused):
        stream_map(EventLog(frame=log.frame.assign(**{TIMESTAMP: None})))
