"""Conditions compare outcomes and do nothing else."""

import pytest

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.template.condition import compile_condition


@pytest.mark.parametrize(
    ("text", "outcomes", "holds"),
    [
        ("agree_accept == 'rejected'", {"agree_accept": "rejected"}, True),
        ("agree_accept == 'rejected'", {"agree_accept": "accepted"}, False),
        ("agree_accept != 'rejected'", {"agree_accept": "accepted"}, True),
        ("agree_accept in ('a', 'b')", {"agree_accept": "b"}, True),
        ("agree_accept not in ('a', 'b')", {"agree_accept": "b"}, False),
        ("not agree_accept == 'a'", {"agree_accept": "b"}, True),
        ("x == 'a' and y == 'b'", {"x": "a", "y": "b"}, True),
        ("x == 'a' and y == 'b'", {"x": "a", "y": "c"}, False),
        ("x == 'a' or y == 'b'", {"y": "b"}, True),
        ("(x == 'a' or x == 'b') and not (y == 'c')", {"x": "b", "y": "d"}, True),
        ('x == "a"', {"x": "a"}, True),
    ],
)
def test_a_condition_holds_for_the_outcomes_it_compares(
    text: str, outcomes: dict[str, str], holds: bool
) -> None:
    assert compile_condition(text).holds(outcomes) is holds


def test_an_activity_that_was_not_done_has_no_outcome() -> None:
    assert not compile_condition("x == 'a'").holds({})
    assert not compile_condition("x in ('a', 'b')").holds({})
    assert compile_condition("x != 'a'").holds({})


def test_a_condition_knows_what_it_compares() -> None:
    condition = compile_condition("x in ('a', 'b') and (x != 'c' or y == 'd')")
    assert condition.names == {"x", "y"}
    assert condition.constants == {"x": {"a", "b", "c"}, "y": {"d"}}


def test_the_same_text_is_compiled_once() -> None:
    assert compile_condition("x == 'once'") is compile_condition("x == 'once'")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("__import__('os').system('id') == 'a'", 1),
        ("x == 'a' and open('/etc/passwd') == 'b'", 14),
        ("x.__class__ == 'a'", 1),
        ("x['a'] == 'b'", 1),
        ("x == 'a' + 'b'", 6),
        ("x == y", 6),
        ("x == 5", 6),
        ("x == None", 6),
        ("x", 1),
        ("'a'", 1),
        ("True", 1),
        ("'a' == 'a'", 1),
        ("'a' == x", 1),
        ("x in 'abc'", 6),
        ("x in ['a']", 6),
        ("x in ('a', y)", 12),
        ("x in ('a', *y)", 12),
        ("x is 'a'", 6),
        ("x < 'a'", 5),
        ("x == 'a' == 'b'", 1),
        ("[x for x in y]", 1),
        ("(lambda: x)()", 1),
        ("(y := x) == 'a'", 2),
        ("x == f'{y}'", 6),
        ("x == b'a'", 6),
        ("x if y else z", 1),
        ("  x == 5", 8),
        ("wens_één == 5", 13),
        ("9 ** 9 ** 9", 1),
    ],
)
def test_anything_else_is_refused_at_its_column(text: str, column: int) -> None:
    with pytest.raises(InputRefused) as refused:
        compile_condition(text)
    assert refused.value.code == "BDV-120"
    assert refused.value.facts["column"] == column
    assert text in refused.value.what("nl")
    assert "not in" in refused.value.hint("nl")


@pytest.mark.parametrize(
    "text", ["", "   ", "x ==", "x = 'a'", "x == 'a", "import os", "x == 'a'; y", "(" * 400, "x\0"]
)
def test_a_broken_sentence_is_refused(text: str) -> None:
    with pytest.raises(InputRefused) as refused:
        compile_condition(text)
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ('= agree_accept = "rejected"', "agree_accept == 'rejected'"),
        ('=agree_accept != "rejected"', "agree_accept != 'rejected'"),
        ("= a > 5", "a > 5"),
        ("${agree_accept == 'rejected'}", "agree_accept == 'rejected'"),
        ('${a == "x" && !(b == "y")}', "a == 'x' and not (b == 'y')"),
        ("#{a == 'x' || b != 'y'}", "a == 'x' or b != 'y'"),
    ],
)
def test_feel_and_juel_are_refused_with_their_translation(text: str, ours: str) -> None:
    with pytest.raises(InputRefused) as refused:
        compile_condition(text)
    assert refused.value.code == "BDV-121"
    assert refused.value.hint("en") == f"Write {ours}"


def test_a_condition_no_person_can_check_is_over_the_limit() -> None:
    for text in ("x == '" + "a" * 500 + "'", "not " * 30 + "x == 'a'"):
        with pytest.raises(LimitExceeded) as exceeded:
            compile_condition(text)
        assert exceeded.value.exit_code == 9
