"""One report, three faces: a page, a document and data that say the same."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as markup

from bdv_process.errors import InputRefused
from bdv_process.report.page import Page
from bdv_process.report.pdf import painted
from bdv_process.report.proposal import fingerprint
from bdv_process.report.render import html, render
from report.pdf_text import structure, words


@pytest.fixture(scope="module")
def data(told: Page, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    to = render(told, to=tmp_path_factory.mktemp("data") / "report.json")
    found: dict[str, object] = json.loads(to.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def document(told: Page, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    pytest.importorskip("weasyprint", reason="the extra pdf is not installed")
    return render(told, to=tmp_path_factory.mktemp("pdf") / "report.pdf").read_bytes()


SCHEMA = {
    "": {"format", "lang", "title", "generated", "chapters", "fingerprint"},
    "chapters": {
        "anchor", "name", "synthetic", "period", "following", "headline", "order", "points",
        "findings", "checked", "unchecked", "workflows", "comparison", "principles", "streams",
        "journeys", "quality", "guide",
    },
    "points": {"finding", "advice"},
    "findings": {
        "finding", "template", "activity", "step", "kind", "times", "part", "since", "until",
        "examples", "says", "often", "when", "advice",
    },
    "part": {"cases", "of", "share", "low", "high", "hidden"},
    "following": {"cases", "of", "share", "low", "high", "hidden"},
    "workflows": {
        "anchor", "template", "name", "about", "following", "fitness", "variants", "median",
        "mean", "p90", "steps", "checks", "months", "changes", "passages", "precision", "really",
    },
    "months": {"month", "following"},
    "passages": {"source", "target", "times", "cases", "share", "remark", "drawn"},
    "principles": {
        "principle", "measure", "name", "value", "low", "high", "n", "unit", "better", "says",
    },
    "steps": {"activity", "name", "what", "badge", "found"},
    "checks": {"rule", "asks", "state", "says", "part"},
    "streams": {"says", "advice", "patterns", "figures", "unseen"},
    "patterns": {
        "pattern", "name", "streams", "median", "p90", "efficiency", "waits", "handovers", "right",
    },
    "right": {"cases", "of", "share", "low", "high", "hidden"},
    "figures": {"title", "says", "columns", "rows"},
    "journeys": {"says", "notes", "troubles", "advice", "groups", "figures", "preceding", "unseen"},
    "troubles": {"trouble", "name", "part"},
    "groups": {"group", "path", "journeys", "median", "touchpoints", "silence", "troubles"},
    "unseen": {"term", "says"},
    "checked": {"term", "says"},
    "quality": {"term", "says"},
    "guide": {"term", "says"},
}  # fmt: skip


def test_the_members_of_the_data_are_these_and_no_others(data: dict[str, object]) -> None:
    """Whoever reads `"format": 1` may count on them: another name or meaning is format 2."""
    seen: dict[str, set[str]] = {}

    def walk(value: object, name: str) -> None:
        if isinstance(value, dict):
            assert value.keys() == seen.setdefault(name, set(value)), name
            for member, inner in value.items():
                walk(inner, member)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, name)

    walk(data, "")
    assert data["format"] == 1
    assert seen == SCHEMA


def sentences(data: object) -> list[str]:
    """Return what the data say in whole sentences."""
    if isinstance(data, list):
        return [said for each in data for said in sentences(each)]
    if not isinstance(data, dict):
        return []
    told = [data.get(name) for name in ("says", "often", "when", "headline", "order")]
    own = [said for said in told if isinstance(said, str)]
    own += data["says"] if isinstance(data.get("says"), list) else []
    return own + sentences([*data.values()])


def test_page_document_and_data_say_the_same(
    told: Page, data: dict[str, object], document: bytes
) -> None:
    page = " ".join(markup.fromstring(html(told)).text_content().replace("\u00a0", " ").split())
    print_out = words(document)
    on_page_one = {p["finding"] for p in data["chapters"][0]["points"]}  # type: ignore[index]
    said = [
        sentence.replace("\u00a0", " ")
        for chapter in data["chapters"]  # type: ignore[attr-defined]
        for sentence in sentences(chapter | {
            "findings": [f for f in chapter["findings"] if f["finding"] in on_page_one],
            "checked": [],  # told only where nothing is wrong
        })
    ]  # fmt: skip
    assert len(said) > 20
    assert [each for each in said if each not in page] == []
    squeezed = print_out.replace(" ", "")
    assert [each for each in said if each.replace(" ", "") not in squeezed] == []


def test_a_name_that_looks_like_a_style_stays_a_name() -> None:
    picture = '<svg class="x"><style>.a { fill: var(--ink) }</style><text>var(--boe)</text></svg>'
    page = f"<style>:root {{ --ink: #1b2a3a; }} @media dark {{ --ink: #ffffff; }}</style>{picture}"
    assert "fill: #1b2a3a" in painted(page)
    assert "<text>var(--boe)</text>" in painted(page)
    assert painted(page).count("var(--ink)") == 0


def test_the_same_report_is_the_same_file(told: Page, document: bytes, tmp_path: Path) -> None:
    assert render(told, to=tmp_path / "again.pdf").read_bytes() == document


def test_the_document_is_tagged_numbered_and_in_its_language(document: bytes) -> None:
    assert document.startswith(b"%PDF-1.7")
    held = structure(document)
    for promised in ("/Lang (nl)", "/MarkInfo <</Marked true>>", "/StructTreeRoot", "pdfuaid:part"):
        assert promised in held, promised
    pages = int(re.search(r"(\d+) / (\d+)", words(document))[2])  # type: ignore[index]
    assert pages > 3


def test_the_fingerprint_changes_with_anything_that_is_said(
    told: Page, data: dict[str, object]
) -> None:
    assert data["fingerprint"] == fingerprint(data) == told.to_dict()["fingerprint"]
    assert str(data["fingerprint"]) in html(told)
    other = replace(told, title="Ander rapport").to_dict()
    assert other["fingerprint"] != data["fingerprint"]


@pytest.mark.parametrize("name", ["report.docx", "report", "report.HTM"])
def test_a_name_that_no_report_can_have_is_refused(told: Page, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused) as refused:
        render(told, to=tmp_path / name)
    assert refused.value.code == "BDV-502"
    assert list(tmp_path.iterdir()) == []


def test_without_weasyprint_a_pdf_is_refused_with_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise ImportError('no Pango')")
    code = "from bdv_process.report.pdf import pdf; pdf('<p>', identifier='x')"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={"PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}", "BDV_LANG": "en"},
    )  # fmt: skip
    assert "BDV-503: A PDF needs WeasyPrint, which is missing (no Pango)" in ended.stderr
    assert "pip install 'bdv-process[pdf]'" in ended.stderr
