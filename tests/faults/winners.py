"""Many processes at the same moment: one wins, the others hear so, and nothing happens twice."""

from collections import Counter
from collections.abc import Iterator

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution.register import CaseRegister
from faults.promises import broken
from faults.rush import Command, rush
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER

AT_ONCE = 100  #: rounds for which processes live
WORKERS = ("ben", "carla")
_LATE = "BDV-303"  #: it is done


@scenario()
def winners(trial: Trial) -> None:
    """Let `clients` processes complete the same item, in `times` rounds."""
    seconds: list[float] = []
    everybody = [WORKERS[number % 2] for number in range(trial.clients)]
    for url, register, cases in _started(trial, "W5"):
        results = rush(url, [
            [("complete", {"item": _work(register, case), "by": by}) for by in everybody]
            for case in cases
        ])  # fmt: skip
        for case, round_ in zip(cases, results, strict=True):
            got = [answer for answer, _ in round_]
            won = got.count(case)
            trial.counted["rounds"] += 1
            trial.broken["rounds without one winner"] += won != 1
            refused = Counter(answer for answer in got if answer not in (case, _LATE))
            trial.broken += Counter({f"refused as {code}": n for code, n in refused.items()})
            if won:
                winner = everybody[got.index(case)]
                trial.broken["side effects of losers"] += _happened(register, case) != [
                    (Lifecycle.COMPLETE, REQUESTER), (Lifecycle.SCHEDULE, None),
                    (Lifecycle.ASSIGN, winner), (Lifecycle.COMPLETE, winner),
                    (Lifecycle.SCHEDULE, None),
                ]  # fmt: skip
            seconds += [spent for _, spent in round_]
        trial.broken += broken(register, url)
    _tell(trial, seconds)


@scenario()
def same_key(trial: Trial) -> None:
    """Let `clients` processes send the same command with the same key, in `times` rounds."""
    seconds: list[float] = []
    for url, register, cases in _started(trial, "W5"):
        rounds: list[list[Command]] = []
        for case in cases:
            item = _work(register, case)
            start = {"template": "W5", "by": REQUESTER, "key": f"start {case}"}
            complete = {"item": item, "by": "ben", "key": item}
            rounds += [[("complete", complete)] * trial.clients, [("start", start)] * trial.clients]
        results = rush(url, rounds)
        trial.counted["rounds"] += len(results)
        answers = [{answer for answer, _ in round_} for round_ in results]
        trial.broken["keys with two answers"] += sum(len(got) != 1 for got in answers)
        trial.broken["keys refused"] += sum(a.startswith("BDV") for got in answers for a in got)
        trial.broken["doubled"] += len(register.cases()) - 2 * len(cases)
        seconds += [spent for round_ in results for _, spent in round_]
        trial.broken += broken(register, url)
    _tell(trial, seconds)


@scenario()
def kin(trial: Trial) -> None:
    """Let a parent and its child be worked on at once: nobody waits in a circle."""
    for url, register, parents in _started(trial, "W4"):
        rounds: list[list[Command]] = []
        with register.batch():
            for case in parents:
                for by in ("ben", "ben", "dirk", "dirk"):
                    register.complete(_work(register, case), by=by)
                child = register.cases()[-1].id
                fork, item = _work(register, case), _work(register, child)
                rounds.append([
                    ("complete", {"item": item, "by": "ben"}),
                    ("withdraw", {"case": case, "by": REQUESTER}),
                    ("claim", {"item": item, "by": "carla"}),
                    ("claim", {"item": fork, "by": "ben"}),
                ])  # fmt: skip
        answers = Counter(answer for round_ in rush(url, rounds) for answer, _ in round_)
        trial.counted["rounds"] += len(rounds)
        known = {_LATE, "BDV-304", "BDV-305", "BDV-312"}
        for code, times in answers.items():
            if code.startswith("BDV") and code not in known:
                trial.broken[f"refused as {code}"] += times
        trial.broken["not withdrawn"] += sum(c.outcome != "withdrawn" for c in register.cases())
        trial.broken += broken(register, url)


@scenario()
def first_use(trial: Trial) -> None:
    """Let `clients` programs open a register that is not there yet: all find it made."""
    for _ in range(trial.times):
        url = trial.databases.fresh()
        command: Command = ("start", {"template": "W5", "by": REQUESTER})
        got = [answer for answer, _ in rush(url, [[command] * trial.clients])[0]]
        trial.counted["rounds"] += 1
        trial.broken["refused"] += sum(answer.startswith("BDV") for answer in got)
        trial.broken["doubled"] += len(got) - len(set(got))
        register = opened(url)
        trial.broken += broken(register, url)
        register.close()


def _started(trial: Trial, template: str) -> Iterator[tuple[str, CaseRegister, list[str]]]:
    """Yield fresh registers with cases, a case for each round, until there were `times`."""
    for done in range(0, trial.times, AT_ONCE):
        url = trial.fresh()
        register = opened(url)
        with register.batch():
            number = min(AT_ONCE, trial.times - done)
            cases = [register.start(template, by=REQUESTER) for _ in range(number)]
        yield url, register, cases
        trial.progress(done + number)
        register.close()


def _work(register: CaseRegister, case: str) -> str:
    return register.items(case)[0].id


def _happened(register: CaseRegister, case: str) -> list[tuple[Lifecycle, str | None]]:
    try:
        return [(event.lifecycle, event.resource) for event in register.events(case)]
    except BdvError:
        return []


def _tell(trial: Trial, seconds: list[float]) -> None:
    seconds.sort()
    trial.measured["p50 s"] = round(seconds[len(seconds) // 2], 4)
    trial.measured["p99 s"] = round(seconds[int(len(seconds) * 0.99)], 4)
