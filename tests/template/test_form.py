"""What is filled in becomes a value of its field, or one sentence says why not."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bdv_process.errors import BdvError
from bdv_process.template.form import Choice, Field, FieldType, Value, filled, form_schema

CHOICES = (
    Choice(id="today", name="vandaag", name_en="today"),
    Choice(id="later", name="later", name_en="later"),
)


def field(type_: FieldType, *, required: bool = False) -> Field:
    return Field(
        id="asked",
        type=type_,
        name="Vraag",
        name_en="Question",
        required=required,
        choices=CHOICES if type_ is FieldType.CHOICE else (),
    )


@pytest.mark.parametrize(
    ("type_", "given", "value"),
    [
        ("string", "  Dorpsstraat 1 ", "Dorpsstraat 1"),
        ("string", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("number", "12,5", 12.5),
        ("number", "12.5", 12.5),
        ("number", 3, 3),
        ("number", 0.25, 0.25),
        ("integer", "180", 180),
        ("integer", "-3", -3),
        ("integer", 4.0, 4),
        ("boolean", "on", True),
        ("boolean", "false", False),
        ("boolean", True, True),
        ("date", "2028-02-29", "2028-02-29"),
        ("choice", "today", "today"),
        ("string", "", None),
        ("number", None, None),
        ("boolean", " ", None),
    ],
)
def test_what_a_browser_and_a_program_send_is_read_to_the_same_value(
    type_: str, given: object, value: Value | None
) -> None:
    read = field(FieldType(type_)).read(given)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("type_", "given", "code"),
    [
        ("number", "Infinity", "BDV-181"),
        ("number", math.inf, "BDV-181"),
        ("number", math.nan, "BDV-181"),
        ("number", "1e5", "BDV-181"),
        ("number", True, "BDV-181"),
        ("number", "1.000,5", "BDV-181"),
        ("number", "9" * 16, "BDV-184"),
        ("number", 1e300, "BDV-184"),
        pytest.param("number", 10**400, "BDV-184", id="401 digits"),
        ("integer", "12,5", "BDV-181"),
        ("integer", 12.5, "BDV-181"),
        ("integer", "١٢", "BDV-181"),
        ("boolean", 1, "BDV-181"),
        ("boolean", "misschien", "BDV-181"),
        ("date", "2027-02-29", "BDV-181"),
        ("date", "20270228", "BDV-181"),
        ("date", "31-12-2026", "BDV-181"),
        ("choice", "tomorrow", "BDV-181"),
        ("choice", "vandaag", "BDV-181"),
        ("string", {"__class__": "str"}, "BDV-181"),
        ("string", ["a"], "BDV-181"),
        ("string", 5, "BDV-181"),
        ("string", "half \ud83d", "BDV-183"),
        pytest.param("string", "x" * 10_001, "BDV-182", id="10 001 characters"),
        pytest.param("string", "x" * 10_000_000, "BDV-182", id="10 MB"),
    ],
)
def test_what_is_no_value_of_its_field_is_refused_with_the_id_of_the_field(
    type_: str, given: object, code: str
) -> None:
    with pytest.raises(BdvError) as refused:
        field(FieldType(type_)).read(given)
    assert (refused.value.code, refused.value.where) == (code, "asked")
    assert refused.value.render("nl") != refused.value.render("en")


def test_an_empty_answer_is_refused_only_where_one_is_required() -> None:
    for type_ in FieldType:
        for empty in (None, "", "  "):
            assert field(type_).read(empty) is None
            with pytest.raises(BdvError) as refused:
                field(type_, required=True).read(empty)
            assert refused.value.code == "BDV-180"


def test_no_is_an_answer_to_a_required_question() -> None:
    assert field(FieldType.BOOLEAN, required=True).read("false") is False


FORM = (
    Field(id="where", type=FieldType.STRING, name="Waar", name_en="Where", required=True),
    Field(id="size", type=FieldType.NUMBER, name="Omvang", name_en="Size"),
    Field(id="people", type=FieldType.INTEGER, name="Mensen", name_en="People"),
    Field(id="danger", type=FieldType.BOOLEAN, name="Gevaar", name_en="Danger", required=True),
    Field(id="seen", type=FieldType.DATE, name="Gezien", name_en="Seen"),
    Field(
        id="urgency", type=FieldType.CHOICE, name="Spoed", name_en="Urgency", choices=CHOICES
    ),
)  # fmt: skip


def test_every_wrong_field_has_one_sentence_and_nothing_is_kept_of_the_form() -> None:
    values, wrong = filled(FORM, {"where": "hier", "size": "veel", "seen": "gisteren"})
    assert values == {}
    assert [(error.where, error.code) for error in wrong] == [
        ("size", "BDV-181"),
        ("danger", "BDV-180"),
        ("seen", "BDV-181"),
    ]


def test_what_the_form_does_not_ask_is_left_out() -> None:
    given = {"where": "hier", "danger": "false", "typename": "x", "__class__": "y"}
    assert filled(FORM, given) == ({"where": "hier", "danger": False}, ())


def test_a_form_has_a_schema_titled_in_the_language_of_the_reader() -> None:
    schema = form_schema(FORM, "en")
    Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["where", "danger"]
    assert schema["properties"]["urgency"] == {
        "title": "Urgency",
        "type": "string",
        "oneOf": [{"const": "today", "title": "today"}, {"const": "later", "title": "later"}],
    }
    assert form_schema(FORM)["properties"]["seen"] == {
        "title": "Gezien",
        "type": "string",
        "format": "date",
    }


#: The first text that is made up takes seconds on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
anything = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
    | st.sampled_from(["today", "12,5", "2026-05-31", "on", "Infinity", "NaN", "1e999"])
)  # fmt: skip


@unhurried
@given(st.dictionaries(st.sampled_from([f.id for f in FORM] + ["other"]), anything))
def test_whatever_is_sent_becomes_values_of_the_schema_or_refusals(sent: dict[str, object]) -> None:
    values, wrong = filled(FORM, sent)
    assert bool(values) != bool(wrong)
    assert {error.where for error in wrong} <= {f.id for f in FORM}
    if not wrong:
        assert Draft202012Validator(form_schema(FORM)).is_valid(values)
        assert json.loads(json.dumps(values, allow_nan=False)) == values
        assert filled(FORM, values) == (values, ())


@unhurried
@given(st.dictionaries(st.sampled_from([f.id for f in FORM]), anything))
def test_what_the_schema_accepts_of_a_program_is_read_unless_it_cannot_be_kept(
    sent: dict[str, object],
) -> None:
    if Draft202012Validator(form_schema(FORM)).is_valid(sent):
        _, wrong = filled(FORM, sent)
        # No date, a number nobody keeps exactly, half a character, or nothing but blanks.
        assert {e.code for e in wrong} <= {"BDV-180", "BDV-181", "BDV-183", "BDV-184"}
