"""Which streams are drawn: none of which nobody did a step."""

import pytest

from bdv_process.errors import InputRefused
from bdv_process.mining.value_stream import value_streams
from bdv_process.template.model import Template
from mining.streams import Worked, log_of

AT_ONCE = (("agree_call", 0.0), ("agree_withdrawn", 1.0))
GONE = [Worked(case=f"w{number}", template="W1", moments=AT_ONCE) for number in range(7)]
DONE = [
    Worked(case=f"z{number}", template="W5", steps=[("operate_execute", "ann", 0.0, 0.5)])
    for number in range(6)
]


def test_calls_that_were_all_withdrawn_at_once_have_nothing_to_draw(
    templates: dict[str, Template],
) -> None:
    found = value_streams(log_of(*GONE), templates.values())
    for pattern in (None, "agree"):
        with pytest.raises(InputRefused, match="BDV-473"):
            found.chart(pattern=pattern)


def test_the_map_that_is_drawn_unasked_has_a_step(templates: dict[str, Template]) -> None:
    found = value_streams(log_of(*GONE, *DONE), templates.values())
    assert found.chart(lang="en").title == "Value stream operate"
