"""TOML that a person wrote: every room refuses it with its own code, and its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bdv_process.errors import BdvError, InputRefused, NotFound
from bdv_process.eventlog.mapping import Mapping
from bdv_process.execution.organisation import Organisation
from bdv_process.tables import read_toml
from bdv_process.template.procedure import Procedure

READERS: dict[str, Callable[[Path], object]] = {
    "BDV-140": Procedure.read,
    "BDV-260": lambda path: Mapping.read(path, known=()),
    "BDV-317": Organisation.read,
}


@pytest.mark.parametrize("code", READERS)
@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("a = 1\nb = c\n", ":2"),
        ("a = " + "[" * 5_000, "made.toml"),
        ("a = " + "9" * 5_000, "made.toml"),
    ],
    ids=["no value", "nested", "number"],
)
def test_every_room_refuses_what_is_no_toml(
    tmp_path: Path, code: str, content: str, place: str
) -> None:
    path = tmp_path / "made.toml"
    path.write_text(content)
    with pytest.raises(BdvError, match=code) as caught:
        READERS[code](path)
    assert caught.value.exit_code == 3
    assert caught.value.where.endswith(place)


def test_a_mark_at_the_beginning_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    (tmp_path / "made.toml").write_bytes(b"\xef\xbb\xbfa = 1\n")
    found = read_toml(tmp_path / "made.toml", missing="BDV-201", unreadable="BDV-260")
    assert found == {"a": 1}


def test_what_is_no_file_or_no_text_has_a_code_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="BDV-201"):
        read_toml(tmp_path, missing="BDV-201", unreadable="BDV-260")
    (tmp_path / "made.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(InputRefused, match="BDV-260"):
        read_toml(tmp_path / "made.toml", missing="BDV-201", unreadable="BDV-260")
