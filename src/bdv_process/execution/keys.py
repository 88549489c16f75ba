"""Keys that stand outside the database: made once, read from the file that the environment names.

Three of them: one signs heads of the audit chain (Ed25519, PEM), one wraps the keys of subjects,
one makes pseudonyms (32 random bytes each, in hexadecimals).
"""

import os
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Final

from bdv_process.errors import InputRefused, NotFound, StorageUnavailable
from bdv_process.execution.new_file import new_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
    )

_SIZE: Final = 32  # bytes of a secret
_PEM: Final = re.compile(rb"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----\n?", re.DOTALL)


class Purpose(StrEnum):
    """What a key is for."""

    SIGNING = "signing"  #: of heads; its public half checks them
    MASTER = "master"  #: wraps the keys of subjects
    PSEUDONYM = "pseudonym"  #: of the people in exported logs


#: The environment variable that names the file of each.
VARIABLE: Final = {
    Purpose.SIGNING: "BDV_SIGNING_KEY",
    Purpose.MASTER: "BDV_MASTER_KEY",
    Purpose.PSEUDONYM: "BDV_PSEUDONYM_KEY",
}


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signs heads, or only checks them when there is no private key."""

    public: bytes  #: 32 bytes
    private: "Ed25519PrivateKey | None" = field(default=None, repr=False)
    before: frozenset[bytes] = frozenset()  #: public keys that signed until there was another

    @property
    def trusted(self) -> frozenset[bytes]:
        """Return the public keys by which a head may be signed."""
        return self.before | {self.public}


def make_key(purpose: Purpose, file: Path) -> list[Path]:
    """Make a new key in a file that only its owner may read; return the files that were made.

    Beside a signing key goes its public half, `FILE.pub`, for who checks what was signed.

    Raises:
        InputRefused: the file is there: a key that is lost opens nothing again.
    """
    if purpose is not Purpose.SIGNING:
        return [_kept(file, token_bytes(_SIZE).hex().encode() + b"\n")]
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = Ed25519PrivateKey.generate()
    secret = made.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    shown = made.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    beside = file.with_name(f"{file.name}.pub")
    if beside.exists():
        raise InputRefused("BDV-520", where=beside)
    return [_kept(file, secret), _kept(beside, shown)]


def secret(purpose: Purpose, file: Path | None = None) -> bytes | None:
    """Return the secret in a file, or in that which the environment names; None without either.

    Raises:
        NotFound: there is no such file.
        InputRefused: it holds no key of this kind.
    """
    file = file or named(purpose)
    if file is None:
        return None
    try:
        found = bytes.fromhex(_content(file).decode("ascii").strip())
    except ValueError:
        found = b""
    if len(found) != _SIZE:
        raise InputRefused("BDV-521", where=file, purpose=purpose.value)
    return found


def signer() -> Signer | None:
    """Return who signs, or checks, by the file in BDV_SIGNING_KEY; None when it names none.

    The first key in the file signs, or was the last that did; public keys after it did before.

    Raises:
        NotFound: there is no such file.
        InputRefused: it holds no Ed25519 key, private or public.
    """
    file = named(Purpose.SIGNING)
    if file is None:
        return None
    try:
        first, *more = map(_signer, _PEM.findall(_content(file)))
    except ValueError as error:  # none, or what is no such key
        raise InputRefused("BDV-521", where=file, purpose=Purpose.SIGNING.value) from error
    return replace(first, before=frozenset(each.public for each in more))


def _signer(pem: bytes) -> Signer:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    try:
        if b"PRIVATE" in pem:
            found: object = form.load_pem_private_key(pem, password=None)
        else:
            found = form.load_pem_public_key(pem)
    except (TypeError, UnsupportedAlgorithm) as error:  # under a password, or of another kind
        raise ValueError from error
    if isinstance(found, Ed25519PrivateKey):
        return Signer(public=found.public_key().public_bytes_raw(), private=found)
    if isinstance(found, Ed25519PublicKey):
        return Signer(public=found.public_bytes_raw())
    raise ValueError


def signed_by(public: bytes, signature: bytes, said: bytes) -> bool:
    """Return whether a signature under `said` is that of a public key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key: Ed25519PublicKey = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def named(purpose: Purpose) -> Path | None:
    """Return the file that the environment names for a purpose, if it names one."""
    given = os.environ.get(VARIABLE[purpose])
    return Path(given) if given else None


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise NotFound("BDV-522", where=file)
    try:
        return file.read_bytes()
    except OSError as error:
        raise StorageUnavailable("BDV-602", where=file, problem=error.strerror) from error


def _kept(file: Path, content: bytes) -> Path:
    try:
        with new_file(file, 0o600) as stream:
            stream.write(content)
    except FileExistsError:
        raise InputRefused("BDV-520", where=file) from None
    except FileNotFoundError:
        raise NotFound("BDV-201", where=file.parent) from None
    return file
