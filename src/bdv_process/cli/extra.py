"""The optional parts of an installation: what is not there is said before the work begins."""

import re
from importlib.metadata import PackageNotFoundError, requires, version

from bdv_process.errors import StorageUnavailable

_OPTIONAL = re.compile(r"""(?P<name>[\w.-]+).*;\s*extra\s*==\s*["'](?P<extra>[\w-]+)["']""")


def require(extra: str) -> None:
    """See that what an extra brings is installed.

    Raises:
        StorageUnavailable: it is not, or not all of it.
    """
    optional = filter(None, map(_OPTIONAL.match, requires("bdv-process") or ()))
    missing = [each["name"] for each in optional if each["extra"] == extra and _lacks(each["name"])]
    if missing:
        raise StorageUnavailable("BDV-606", where=", ".join(missing), extra=extra)


def _lacks(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return True
    return False
