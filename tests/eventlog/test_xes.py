"""XES: what is read from real and from broken logs, and what is written."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, LIFECYCLE, TIMESTAMP
from bdv_process.eventlog.log import EventLog

Refusal = Callable[..., BdvError]
EVENT = (
    '<event><string key="concept:name" value="{}"/>'
    '<date key="time:timestamp" value="2026-01-0{}T09:00:00Z"/></event>'
)
TWO = (
    '<trace><string key="concept:name" value="c1"/>'
    f"{EVENT.format('a', 1)}{EVENT.format('b', 2)}</trace>"
)

# Well formed in the shared collection, but not a log that can be read as it is.
REFUSED = {
    "booleanIncorrectValue": "BDV-241",  # a float that says "yes"
    "intIncorrectValue": "BDV-241",
    "realIncorrectValue": "BDV-241",
    "dateIncorrectValue": "BDV-233",
    "elementIncorrect": "BDV-213",  # an element XES does not have
    "logOutOfPlace": "BDV-213",
    "traceOutOfPlace": "BDV-213",
    "stringNoAttributes": "BDV-214",
    "globalStringNoAttributes": "BDV-214",
    "extensionNoAttributes": "BDV-214",
    "classifierNoAttributes": "BDV-214",
    "classifierEmptyKeys": "BDV-214",
    "classifierIncorrectScope": "BDV-214",
    "globalIncorrectScope": "BDV-214",
    "classifierTooManyAttributes": "BDV-214",
    "extensionTooManyAttributes": "BDV-214",
    "globalTooManyAttributes": "BDV-214",
    "globalStringTooManyAttributes": "BDV-214",
    "stringTooManyAttributes": "BDV-214",
    "eventTooManyAttributes": "BDV-214",
    "traceTooManyAttributes": "BDV-214",
    "eventIdenticalAttributes": "BDV-215",  # one key, two values
    "eventCorrectAttributes": "BDV-244",  # correct XES, but two events belong to no case
    "eventIncorrectType": "BDV-244",
    "attributeEventSwapped": "BDV-244",
    "classifierEventSwapped": "BDV-244",
    "extensionEventSwapped": "BDV-244",
    "globalEventSwapped": "BDV-244",
    "traceEventSwapped": "BDV-244",
    "extensionIncorrectKey": "BDV-231",  # the event has no activity
}
# What the standard's schema refuses and we read, because no data is lost: elements in another
# order, unknown attributes of the log itself, a key that no extension declares, an id that is no
# UUID, lists without values, a date of the log itself without a zone.


def test_each_case_of_the_importer_collection_is_read_or_refused_as_decided(
    shared: Path, refusal: Refusal
) -> None:
    files = sorted((shared / "data" / "xes-importer-cases").glob("*.xes"))
    assert {file.stem for file in files} >= set(REFUSED)
    found = {}
    for file in files:
        if file.stem in REFUSED:
            found[file.stem] = refusal(file).code
        else:
            account = EventLog.read(file).provenance
            assert account.rows_in == account.used, file.stem
    assert found == REFUSED


def test_events_outside_a_trace_can_be_left_out_and_counted(shared: Path) -> None:
    path = shared / "data" / "xes-importer-cases" / "eventCorrectAttributes.xes"
    log = EventLog.read(path, skip_bad=True)
    assert (log.provenance.rows_in, len(log), len(log.provenance.rejected)) == (4, 2, 2)
    assert dict(log.provenance.notes)["eventlog.numbered"] == {"count": 1}


@pytest.mark.parametrize(
    ("name", "cases", "events"),
    [
        ("logs/receipt.xes.gz", 1_434, 8_577),
        ("logs/volvo_closed_problems.xes.gz", 1_487, 6_660),
        ("logs/running-example.xes.gz", 6, 42),
        ("models/a12f0n50.xes.gz", 1_000, 5_508),
    ],
)
def test_real_logs_are_read_whole_and_their_export_follows_the_schema(
    shared: Path, tmp_path: Path, name: str, cases: int, events: int
) -> None:
    log = EventLog.read(shared / "data" / name)
    assert (log.cases, len(log), log.provenance.rows_in) == (cases, events, events)
    assert log.provenance.used == events
    log.write(tmp_path / "out.xes.gz")
    assert EventLog.read(tmp_path / "out.xes.gz").frame.equals(log.frame)
    schema = etree.XMLSchema(etree.parse(shared / "data/schemas/xes-ieee-1849-2016.xsd"))
    with gzip.open(tmp_path / "out.xes.gz") as stream:
        schema.assertValid(etree.parse(stream))


def test_a_log_without_any_time_keeps_the_order_of_its_file(shared: Path) -> None:
    log = EventLog.read(shared / "data/models/a12f0n00.xes.gz")
    assert log.frame[TIMESTAMP].isna().all()
    assert ("eventlog.timeless", {"count": len(log)}) in log.provenance.notes
    assert log.variants()["cases"].sum() == log.cases == 1_000
    assert all(way[0] == "S" and way[-1] == "E" for way in log.variants()["variant"])


def test_the_variants_of_the_receipt_phase_are_those_of_the_literature(shared: Path) -> None:
    log = EventLog.read(shared / "data/logs/receipt.xes.gz")
    assert (len(log.variants()), log.frame[ACTIVITY].nunique()) == (116, 27)


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1:9/log.dtd">',
        '<!DOCTYPE log [<!ENTITY a "aa"><!ENTITY x "&a;&a;&a;&a;">]>',
        "<!DOCTYPE log>",
    ],
)
def test_a_doctype_is_refused_whatever_it_holds(
    refusal: Refusal, tmp_path: Path, prolog: str
) -> None:
    path = tmp_path / "log.xes"
    path.write_text(f'{prolog}<log><string key="k" value="&x;"/>{TWO}</log>')
    error = refusal(path)
    assert (error.code, error.exit_code) == ("BDV-210", 3)


def test_an_external_entity_is_never_read(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    entity = f'<!DOCTYPE log [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    (tmp_path / "log.xes").write_text(
        f'{entity}<log><trace><string key="concept:name" value="c">&x;</string></trace></log>'
    )
    error = refusal(tmp_path / "log.xes")
    assert error.code == "BDV-210"
    assert "s3cret" not in error.render()


def test_comments_and_cdata_hold_no_events_and_values_are_decoded(
    xes_of: Callable[[str], Path],
) -> None:
    ghost = EVENT.format("ghost", 3)
    log = EventLog.read(
        xes_of(f"<!-- {ghost} --><![CDATA[{ghost}]]>" + TWO.replace('"b"', '"b &amp; c > d"'))
    )
    assert log.frame[LABEL].tolist() == ["a", "b & c > d"]


@pytest.mark.parametrize(
    "text",
    [
        f"<log>{TWO}</log></log>",
        f"<log>{TWO}</log>more",
        f"<log>{TWO}",
        f"<log>{TWO[:-30]}",
        '<log><string key="a" value="&nbsp;"/></log>',
    ],
)
def test_xml_that_is_cut_off_or_goes_on_is_refused_with_its_line(
    refusal: Refusal, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "log.xes"
    path.write_text(f"<?xml version='1.0'?>\n{text}")
    error = refusal(path)
    assert (error.code, error.exit_code, error.where) == ("BDV-211", 3, f"{path}:2")


def test_text_in_another_encoding_than_it_says_is_refused(refusal: Refusal, tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="utf-8"?>\n<log><string key="k" value="é"/></log>'
    (tmp_path / "log.xes").write_bytes(text.encode("latin-1"))
    error = refusal(tmp_path / "log.xes")
    assert (error.code, error.where) == ("BDV-219", f"{tmp_path / 'log.xes'}:2")


def test_another_root_is_no_log(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "log.xes").write_text("<definitions/>")
    assert refusal(tmp_path / "log.xes").code == "BDV-216"
    (tmp_path / "log.xes").write_text("<definitions><log/></definitions>")
    assert refusal(tmp_path / "log.xes").code == "BDV-216"


@pytest.mark.parametrize(
    "content",
    [
        '<string key="k" value="v">' * 300 + "</string>" * 300,
        '<string key="k" value="v">' * 120 + "</string>" * 120,
        "<string " + " ".join(f'a{i}="x"' for i in range(5_000)) + "/>",
        f'<trace><string key="k" value="{"v" * 11_000_000}"/></trace>',
        f'<trace><string key="k" value="{"v" * 70_000}"/></trace>',
        "<trace>" + "".join(f'<string key="k{i}" value="v"/>' for i in range(1_001)) + "</trace>",
    ],
    ids=["deep", "nested", "attributes", "long", "cell", "columns"],
)
def test_xml_past_a_limit_is_refused(
    refusal: Refusal, xes_of: Callable[[str], Path], content: str
) -> None:
    error = refusal(xes_of(content))
    assert error.exit_code == 9
    assert error.code in ("BDV-212", "BDV-226", "BDV-227")


def test_events_without_name_or_time_are_counted_and_placed(
    refusal: Refusal, xes_of: Callable[[str], Path]
) -> None:
    nameless = '<event><date key="time:timestamp" value="2026-01-03T09:00:00Z"/></event>'
    timeless = '<event><string key="concept:name" value="c"/></event>'
    error = refusal(
        xes_of(TWO + TWO.replace("c1", "c2").replace("</trace>", nameless * 2 + "</trace>"))
    )
    assert (error.code, error.facts["count"]) == ("BDV-231", 2)
    assert error.where == "log.xes: trace 2, event 3; trace 2, event 4"
    path = xes_of(TWO.replace("</trace>", timeless + "</trace>"))
    assert refusal(path).code == "BDV-232"
    log = EventLog.read(path, skip_bad=True)
    assert (len(log), log.provenance.rejected["row"].tolist()) == (2, [3])


def test_one_bad_date_is_refused_with_value_trace_and_event(
    refusal: Refusal, xes_of: Callable[[str], Path]
) -> None:
    error = refusal(xes_of(TWO.replace("2026-01-02", "2026-02-30")))
    assert (error.code, error.where) == ("BDV-233", "log.xes: trace 1, event 2")
    assert "2026-02-30" in error.what("nl")


def test_dates_without_zone_need_one(refusal: Refusal, xes_of: Callable[[str], Path]) -> None:
    path = xes_of(TWO.replace("Z", ""))
    assert refusal(path).code == "BDV-235"
    log = EventLog.read(path, timezone="Europe/Amsterdam")
    assert log.frame[TIMESTAMP].dt.hour.tolist() == [8, 8]


def test_an_event_may_repeat_what_its_trace_says_but_not_contradict_it(
    refusal: Refusal, xes_of: Callable[[str], Path]
) -> None:
    town = '<trace><string key="town" value="Delft"/>'
    said = '<event><string key="case:town" value="Delft"/>'
    path = xes_of(TWO.replace("<trace>", town).replace("<event>", said, 1))
    assert EventLog.read(path).frame["case:town"].tolist() == ["Delft", "Delft"]
    path.write_text(
        path.read_text().replace('case:town" value="Delft"', 'case:town" value="Gouda"')
    )
    error = refusal(path)
    assert (error.code, error.where) == ("BDV-215", "log.xes: trace 1, event 1")


def test_whole_numbers_are_read_exactly_up_to_64_bits(
    refusal: Refusal, xes_of: Callable[[str], Path]
) -> None:
    path = xes_of(TWO.replace("</event>", f'<int key="n" value="{-(2**63)}"/></event>', 1))
    assert EventLog.read(path).frame["n"].tolist() == [-(2**63), pd.NA]
    path.write_text(path.read_text().replace(str(-(2**63)), str(2**63)))
    assert refusal(path).code == "BDV-241"


def test_two_traces_of_one_name_are_not_merged(
    refusal: Refusal, xes_of: Callable[[str], Path]
) -> None:
    error = refusal(xes_of(TWO + TWO))
    assert (error.code, error.facts["case"]) == ("BDV-217", "c1")


def test_a_namespace_types_and_the_case_of_a_transition_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    extra = (
        '<int key="n" value="7"/><float key="f" value="-1.5e3"/><boolean key="b" value="true"/>'
        '<string key="lifecycle:transition" value="COMPLETE"/>'
        '<string key="s" value="x"><string key="nested" value="y"/></string>'
    )
    inside = TWO.replace("</event></trace>", f"{extra}</event></trace>")
    path.write_text(f'<log xmlns="http://www.xes-standard.org/" openxes.version="1">{inside}</log>')
    log = EventLog.read(path)
    assert log.frame[["n", "f", "b", "s"]].dtypes.astype(str).tolist() == [
        "Int64", "float64", "boolean", "str",
    ]  # fmt: skip
    assert log.frame.loc[1, ["n", "f", "b"]].tolist() == [7, -1500.0, True]
    assert log.frame[LIFECYCLE].tolist() == ["complete", "complete"]
    assert ("eventlog.unkept", {"count": 1}) in log.provenance.notes


def test_our_export_declares_its_extensions_and_follows_the_schema(
    shared: Path, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {
            CASE: ["1", "1"],
            "case:my town": ["Den Haag", "Den Haag"],
            ACTIVITY: ["operate_accept", "operate_close"],
            LABEL: ["dienstverzoek & <meer>", 'af"sluiten\n'],
            TIMESTAMP: pd.to_datetime(
                ["2026-01-01 09:00:00.500", "2026-01-02 09:00:00.000"], utc=True
            ),
            "2nd_x0020_key": [1, 2],
            "ratio": [float("inf"), float("nan")],
        }
    )
    log = EventLog(frame=frame)
    log.write(tmp_path / "log.xes")
    tree = etree.parse(tmp_path / "log.xes")
    etree.XMLSchema(etree.parse(shared / "data/schemas/xes-ieee-1849-2016.xsd")).assertValid(tree)
    prefixes = [element.get("prefix") for element in tree.getroot().findall("extension")]
    assert prefixes == ["concept", "lifecycle", "time", "org", "bdv"]
    assert EventLog.read(tmp_path / "log.xes").frame.equals(log.frame)


def test_a_log_without_events_can_be_written_and_read(shared: Path, tmp_path: Path) -> None:
    EventLog.of([]).write(tmp_path / "log.xes")
    tree = etree.parse(tmp_path / "log.xes")
    etree.XMLSchema(etree.parse(shared / "data/schemas/xes-ieee-1849-2016.xsd")).assertValid(tree)
    assert len(EventLog.read(tmp_path / "log.xes")) == 0
