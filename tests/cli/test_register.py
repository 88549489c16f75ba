"""`bdv register`: what is registered is listed and looked up, by people and by scripts."""

from cli.conftest import Shell

BEFORE = (
    "ben",
    "ben",
    "carla",
    "dirk",
    "eva",
    "ben",
    "ben",
    "carla",
    "dirk",
    "eva",
    "carla",
    "eva",
)


def change(shell: Shell, **registered: str) -> None:
    """Carry a change out, up to and with the step that updates the register."""
    shell("case start W2 --by anna --component website --service informatie")
    for by in BEFORE:
        shell(f"work complete {waiting(shell)} --by {by}")
    data = " ".join(f"--data {name}={value}" for name, value in registered.items())
    shell(f"work complete {waiting(shell)} --by carla {data}")


def waiting(shell: Shell) -> str:
    return str(shell("work list --json").json[0]["id"])


def test_services_and_components_are_listed(shell: Shell) -> None:
    assert "Paspoort of identiteitskaart" in shell("register services").out
    assert "Passport or identity card" in shell("register services", lang="en").out
    services = {each["id"]: each for each in shell("register services --json").json}
    assert services["informatie"]["delivered_by"] == "W5"
    components = shell("register components", lang="en").out.splitlines()
    assert any(line.startswith("faxlijn") and line.endswith("out of use") for line in components)


def test_a_component_is_shown_with_what_changes_did_to_it(shell: Shell) -> None:
    change(shell, component="website", added="bank-1", added_name="Bank", added_kind="street")
    shown = shell("register show website").out
    assert "gewijzigd" in shown
    assert "Z1" in shown
    (new,) = shell("register show bank-1 --json").json["history"]
    assert (new["case"], new["how"], new["role"]) == ("Z1", "added", "coordinator")
    assert shell("register show informatie --json").json["calls"] == ["Z1"]
    assert "bank-1" in shell("register components").out


def test_the_step_before_a_fork_goes_on_as_the_sibling(shell: Shell) -> None:
    shell("case start W4 --by anna")
    for by in ("ben", "ben", "dirk"):
        shell(f"work complete {waiting(shell)} --by {by}")
    shell(f"work complete {waiting(shell)} --by dirk --data component=website --to W3")
    assert shell("case show Z1 --json").json["template"] == "W3"
