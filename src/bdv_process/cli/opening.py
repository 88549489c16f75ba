"""Open the register, the templates and the procedure that the environment names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from platform import node
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bdv_process.execution.infrastructure import Infrastructure
    from bdv_process.execution.register import CaseRegister
    from bdv_process.template.model import Template
    from bdv_process.template.procedure import Procedure

_SOURCE = "urn:bdv-process"  # of notifications; with an OIN: urn:nld:oin:<OIN>:systeem:bdv-process


def open_template(key: str) -> "Template":
    """Return the workflow with this key, or the diagram of a routine of this name.

    Raises:
        NotFound: there is none.
    """
    from bdv_process.template.library import shipped, shipped_routines
    from bdv_process.template.model import by_key, of_key

    found = by_key(shipped())
    if key not in found:  # reading the routines takes a while
        found |= {routine.name: routine.template for routine in shipped_routines()}
    return of_key(found, key)


def open_routine(key: str) -> tuple["Template", "Procedure"]:
    """Return a workflow or routine with the procedure it goes by.

    Raises:
        NotFound: there is none.
    """
    from bdv_process.template.library import read_routines

    found, base = open_template(key), open_procedure()
    routines = read_routines(base) if found.derives else ()
    return found, next((r.procedure for r in routines if r.name == key), base)


def open_procedure() -> "Procedure":
    """Return the procedure in BDV_PROCEDURE, else the one that ships with the templates."""
    from bdv_process.template.library import shipped, shipped_procedure
    from bdv_process.template.procedure import Procedure

    path = os.environ.get("BDV_PROCEDURE")
    if path is None:
        return shipped_procedure()
    return Procedure.read(path, {a.id for template in shipped() for a in template.activities})


def database() -> str:
    """Return the address of the register in BDV_DATABASE, else of one in this folder."""
    return os.environ.get("BDV_DATABASE", "sqlite:///bdv.db")


def open_infrastructure(procedure: "Procedure") -> "Infrastructure":
    """Return the services and components in BDV_REGISTER, else the sample, as they began."""
    from bdv_process.execution.infrastructure import SAMPLE, Infrastructure
    from bdv_process.template.library import routine_names, shipped

    path = os.environ.get("BDV_REGISTER", SAMPLE)
    began = Infrastructure.read(path)
    ways = [*(template.key for template in shipped()), *routine_names()]
    began.check(procedure.role_ids, ways, where=path)
    return began


@contextmanager
def open_register() -> Iterator["CaseRegister"]:
    """Yield the register in BDV_DATABASE: people of BDV_ORGANISATION, things of BDV_REGISTER."""
    from bdv_process.execution.audit import ORIGIN
    from bdv_process.execution.keys import Purpose, secret
    from bdv_process.execution.organisation import SAMPLE, Organisation
    from bdv_process.execution.register import CaseRegister
    from bdv_process.execution.subject import Keyring
    from bdv_process.template.library import shipped

    procedure = open_procedure()
    path = os.environ.get("BDV_ORGANISATION", SAMPLE)
    organisation = Organisation.read(path)
    organisation.check_roles(procedure.role_ids, where=path)
    register = CaseRegister(
        database(),
        templates=shipped(),
        procedure=procedure,
        organisation=organisation,
        source=os.environ.get("BDV_SOURCE", _SOURCE) if os.environ.get("BDV_OUTBOX") else None,
        infrastructure=open_infrastructure(procedure),
        keyring=Keyring(master=secret(Purpose.MASTER)),
    )
    here = ORIGIN.set(f"cli {node()}".strip())
    try:
        yield register
    finally:
        ORIGIN.reset(here)
        register.close()
