"""Customer journeys on the page: numbers worked out by hand, small groups hidden."""

from dataclasses import replace

from bdv_process.eventlog.event import REQUESTER, TOUCHPOINT
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.journeying import journeys as followed
from bdv_process.report import page
from bdv_process.report.journeys import journeys
from bdv_process.report.section import Section
from bdv_process.template.library import shipped
from mining.contacts import Row, case, did, frame_of, log_of, service
from report.conftest import withdrawn


def told(section: Section, *cases: list[Row]) -> page.Journeys:
    made = journeys(replace(section, journeys=followed(log_of(*cases), shipped())), "nl")
    assert made is not None
    return made


def test_the_sentences_say_how_long_and_how_silent_journeys_are(section: Section) -> None:
    """Six citizens with one request each: called on day 0, accepted on day 1, told on day 5.

    Three contacts in five days, with a silence of four days; all of it government's turn.
    """
    made = told(section, *(service(f"z{n}", f"p{n}") for n in range(6)))
    said = " ".join(made.says).replace("\u00a0", " ")
    assert "Deze log heeft 6 reizen van 6 mensen." in said
    assert "De helft duurde hooguit 5,0 dagen, met 3 contacten." in said
    assert "duurde in het midden 4,0 dagen" in said
    assert "was de overheid 100,0 % aan zet" in said
    assert made.advice == ""  # nothing goes wrong
    (group,) = made.groups
    assert (group.journeys, group.median, group.silence) == (6, 5.0, 4.0)


def test_what_goes_wrong_most_is_what_to_do_something_about(section: Section) -> None:
    good = [service(f"z{n}", f"p{n}") for n in range(6)]
    left = [withdrawn(f"w{n}", f"q{n}") for n in range(5)]
    made = told(section, *good, *left)
    parts = {each.trouble: each.part for each in made.troubles}
    assert (parts["withdrawn"].cases, parts["withdrawn"].of) == (5, 11)
    assert parts["sent_on"].cases == 0
    assert made.advice.startswith("Bel wie zich terugtrekt")


def test_what_happens_to_few_is_counted_nowhere(section: Section) -> None:
    good = [service(f"z{n}", f"p{n}") for n in range(20)]
    few = [withdrawn(f"w{n}", f"q{n}") for n in range(3)]
    made = told(section, *good, *few)
    assert "minder dan 5" in made.says[0]
    assert (made.troubles, made.advice) == ((), "")  # 23 journeys would give the three away
    assert [group.journeys for group in made.groups] == [20]


def test_steps_that_follow_themselves_are_named_once(section: Section) -> None:
    cases = [
        case(f"z{n}", f"p{n}", did(0, "operate_call"), did(1, "operate_accept", "accepted"),
             did(2, "operate_verify", "not_as_agreed"), did(5, "operate_verify", "as_agreed"),
             did(6, "operate_completed", "completed"))
        for n in range(5)
    ]  # fmt: skip
    (group,) = told(section, *cases).groups
    assert group.path[-1] == "Toetsen en terugkoppelen (2×)"


def test_a_log_that_shows_no_contact_tells_of_no_silence(section: Section) -> None:
    frame = frame_of(*(service(f"z{n}", f"p{n}") for n in range(6))).assign(**{TOUCHPOINT: False})
    found = followed(EventLog(frame=frame), shipped())
    made = journeys(replace(section, journeys=found), "nl")
    assert made is not None
    assert "nan" not in str(made)
    assert made.groups[0].silence is None
    assert "stilte" not in " ".join(made.says)


def test_with_no_contact_but_intake_there_is_no_silence_to_tell(section: Section) -> None:
    cases = [
        case(f"z{n}.{again}", f"p{n}", did(again, "operate_call"),
             did(again + 1, "operate_accept", "accepted"),
             did(again + 6, "operate_completed", "completed"))
        for n in range(6) for again in (0, 9)
    ]  # fmt: skip
    made = told(section, *cases)
    assert made.groups[0].silence is None
    assert "stilte" not in " ".join(made.says)
    reasons = {entry.says for entry in made.unseen if "stilte" in entry.term}
    assert reasons == {("de log toont geen ander contact met de aanvrager dan bij de intake",)}


def test_streams_that_are_left_out_are_counted(section: Section) -> None:
    good = [service(f"z{n}", f"p{n}") for n in range(6)]
    lost = [service(f"x{n}", "") for n in range(7)]
    silent = [
        case(f"s{n}", f"q{n}", did(0, "operate_classify"), did(3, "operate_completed", "completed"))
        for n in range(3)
    ]
    for each in lost:
        each[:] = [row | {REQUESTER: None} for row in each]
    assert told(section, *good, *lost, *silent).notes == (
        "Van 7 stromen staat er niet wie ze vroeg.",
        "In < 5 stromen toont de log geen enkel contact; zij tellen niet mee.",
    )


def test_a_log_that_names_no_requester_says_why_it_has_no_journeys() -> None:
    rows = frame_of(service("z1", "p1")).assign(**{REQUESTER: None}).astype({REQUESTER: "str"})
    said = journeys(Section.of(EventLog(frame=rows), shipped(), name="log"), "nl")
    assert said is not None
    assert said.says[0].startswith("Geen klantreizen. In deze log staat niet wie iets vroeg")
