"""Decide which way a case goes: comparisons of outcomes, compiled once and never evaluated as code.

    agree_accept == 'rejected'
    recover_analyse in ('solution_found', 'known_solution') and not recover_accept == 'rejected'

A name is an activity, its value the activity's latest outcome. Nothing else is a condition.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bdv_process.errors import BdvError, InputRefused, LimitExceeded

MAX_LENGTH = 500
MAX_DEPTH = 20

_Test = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition: what it compares, and whether it holds."""

    text: str
    constants: dict[str, frozenset[str]]  #: the outcomes each activity is compared with
    _test: _Test

    @property
    def names(self) -> frozenset[str]:
        """Return the activities it looks at."""
        return frozenset(self.constants)

    def holds(self, outcomes: Mapping[str, str]) -> bool:
        """Return whether it holds, given the latest outcome of each activity that was done."""
        return self._test(outcomes)


@lru_cache(maxsize=4096)
def compile_condition(text: str) -> Condition:
    """Compile a condition.

    Raises:
        InputRefused: it holds anything but comparisons of outcomes.
        LimitExceeded: it is longer or deeper than a person can check.
    """
    if len(text) > MAX_LENGTH:
        raise LimitExceeded("BDV-122", expression=text[:40] + " ...")
    if translated := _translated(text):
        raise InputRefused("BDV-121", expression=text, suggestion=translated)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        column = max(error.offset or 1, 1)
        raise InputRefused("BDV-120", expression=text, column=column, part=text) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise InputRefused("BDV-120", expression=text, column=1, part=text) from error
    compiler = _Compiler(text)
    test = compiler.test(tree.body, MAX_DEPTH)
    constants = {name: frozenset(values) for name, values in compiler.constants.items()}
    return Condition(text=text, constants=constants, _test=test)


class _Compiler:
    """Turns the tree of one condition into closures, refusing every node it does not know."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.constants: dict[str, set[str]] = {}

    def test(self, node: ast.expr, depth: int) -> _Test:
        if not depth:
            raise LimitExceeded("BDV-122", expression=self.text)
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                tests = [self.test(value, depth - 1) for value in values]
                return lambda outcomes: all(test(outcomes) for test in tests)
            case ast.BoolOp(op=ast.Or(), values=values):
                tests = [self.test(value, depth - 1) for value in values]
                return lambda outcomes: any(test(outcomes) for test in tests)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.test(operand, depth - 1)
                return lambda outcomes: not inner(outcomes)
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[right]):
                return self.comparison(name, op, right)
            case ast.Compare(left=left) if not isinstance(left, ast.Name):
                raise self.refusal(left)
        raise self.refusal(node)

    def comparison(self, name: str, op: ast.cmpop, right: ast.expr) -> _Test:
        match op, right:
            case (ast.Eq() | ast.NotEq(), ast.Constant(value=str(value))):
                values = frozenset([value])
            case (ast.In() | ast.NotIn(), ast.Tuple(elts=elements)):
                values = frozenset(self.string(element) for element in elements)
            case _:
                raise self.refusal(right)
        self.constants.setdefault(name, set()).update(values)
        if isinstance(op, ast.Eq | ast.In):
            return lambda outcomes: outcomes.get(name) in values
        return lambda outcomes: outcomes.get(name) not in values

    def string(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        raise self.refusal(node)

    def refusal(self, node: ast.expr) -> BdvError:
        leading = len(self.text) - len(self.text.lstrip())
        # ast counts bytes, people count characters.
        before = self.text.strip().encode()[: node.col_offset].decode(errors="ignore")
        column = leading + len(before) + 1
        part = ast.get_source_segment(self.text.strip(), node) or self.text
        return InputRefused("BDV-120", expression=self.text, column=column, part=part)


def _translated(text: str) -> str | None:
    """Return FEEL (`= a = "x"`) and JUEL (`${a == "x"}`) as we would write it, else None."""
    if wrapped := re.fullmatch(r"\s*[$#]\{(.*)\}\s*", text, re.DOTALL):
        inner = wrapped[1]
    elif text.lstrip().startswith("="):
        inner = re.sub(r"(?<![=!<>])=(?!=)", "==", text.lstrip()[1:])
    else:
        return None
    inner = re.sub(r"&&", " and ", re.sub(r"\|\|", " or ", inner))
    inner = re.sub(r"!(?!=)", "not ", inner).replace('"', "'")
    return " ".join(inner.split())
