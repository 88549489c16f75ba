"""Keys outside the database: made once, for their owner's eyes, and refused when they are none."""

from pathlib import Path

import pytest

from bdv_process.errors import InputRefused, NotFound
from bdv_process.execution.keys import VARIABLE, Purpose, make_key, secret, signed_by, signer
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.verification import Verification

SECRETS = (Purpose.MASTER, Purpose.PSEUDONYM)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_key_is_its_owners_and_is_never_overwritten(tmp_path: Path, purpose: Purpose) -> None:
    made = make_key(purpose, tmp_path / "key")
    assert {file.stat().st_mode & 0o777 for file in made} == {0o600}
    before = [file.read_bytes() for file in made]
    with pytest.raises(InputRefused, match="BDV-520"):
        make_key(purpose, tmp_path / "key")
    assert [file.read_bytes() for file in made] == before


@pytest.mark.parametrize("purpose", SECRETS)
def test_a_secret_is_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, purpose: Purpose
) -> None:
    monkeypatch.delenv(VARIABLE[purpose], raising=False)
    assert secret(purpose) is None
    found = set()
    for name in ("one", "other"):
        (file,) = make_key(purpose, tmp_path / name)
        monkeypatch.setenv(VARIABLE[purpose], str(file))
        found |= {secret(purpose), secret(purpose)}
    assert {len(each or b"") for each in found} == {32}
    assert len(found) == 2


@pytest.mark.parametrize("content", ["", "geheim", "00" * 31, "00" * 33, "zz" * 32, "\xe9"])
def test_what_is_no_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    file = tmp_path / "key"
    file.write_text(content, encoding="utf-8")
    for purpose in SECRETS:
        monkeypatch.setenv(VARIABLE[purpose], str(file))
        with pytest.raises(InputRefused, match=rf"BDV-521.*{purpose}"):
            secret(purpose)
    monkeypatch.setenv("BDV_SIGNING_KEY", str(file))
    with pytest.raises(InputRefused, match="BDV-521"):
        signer()
    file.unlink()
    with pytest.raises(NotFound, match="BDV-522"):
        signer()


def test_the_public_half_checks_and_does_not_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = make_key(Purpose.SIGNING, tmp_path / "sign.pem")
    monkeypatch.setenv("BDV_SIGNING_KEY", str(private))
    ours = signer()
    monkeypatch.setenv("BDV_SIGNING_KEY", str(public))
    theirs = signer()
    assert ours
    assert ours.private
    assert theirs
    assert theirs.private is None
    assert theirs.public == ours.public
    signature = ours.private.sign(b"said")
    assert signed_by(theirs.public, signature, b"said")
    assert not signed_by(theirs.public, signature, b"other")
    assert not signed_by(b"short", signature, b"said")


def test_heads_of_a_key_that_was_replaced_are_believed_where_its_public_half_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, register: CaseRegister
) -> None:
    old, old_public = make_key(Purpose.SIGNING, tmp_path / "old.pem")
    new, new_public = make_key(Purpose.SIGNING, tmp_path / "new.pem")
    register.start("W5", by="anna")
    for file in (old, new):
        monkeypatch.setenv("BDV_SIGNING_KEY", str(file))
        register.seal(signer())
    problems = [[each.problem for each in _verified(register).broken]]
    for file in (new, new_public):
        with file.open("ab") as stream:
            stream.write(old_public.read_bytes())
        monkeypatch.setenv("BDV_SIGNING_KEY", str(file))
        problems.append([each.problem for each in _verified(register).broken])
    assert problems == [["signature"], [], []]


def _verified(register: CaseRegister) -> Verification:
    known = signer()
    assert known
    return register.verify(trusted=known.trusted)
