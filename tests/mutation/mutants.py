"""The small bugs that can be planted in a module, found in its syntax tree."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_SKIPPED_FIELDS = frozenset({"annotation", "returns", "decorator_list", "type_comment", "bases"})
"""Nothing here is computed with: annotations, and decorators such as ``@dataclass(slots=True)``."""

Plant = Callable[[], None]
Site = tuple[ast.AST, str, Plant]
"""The node shown as it was, the text shown after, and what plants it."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One bug; ``index`` is its place in ``list_mutants`` of the same source."""

    index: int
    line: int
    function: str
    """Qualified name of the function or class around it; empty at module level."""
    change: str
    """The expression or statement before and after."""


def list_mutants(source: str, *, only_limits: bool = False) -> list[Mutant]:
    """Return every mutant of a module; ``only_limits``: those of <, <=, > and >= and constants.

    The constants are the numbers that such a comparison holds or names.
    """
    found = _find_sites(ast.parse(source), only_limits=only_limits)
    return [
        Mutant(index, _line_of(node), function, f"{_short(ast.unparse(node))} -> {new}")
        for index, (function, (node, new, _)) in enumerate(found)
    ]


def plant_mutant(source: str, index: int, *, only_limits: bool = False) -> ast.Module:
    """Return the module's tree with one bug in it."""
    tree = ast.parse(source)
    _, (_, _, plant) = _find_sites(tree, only_limits=only_limits)[index]
    plant()
    return ast.fix_missing_locations(tree)


def _line_of(node: ast.AST) -> int:
    line: int = getattr(node.target if isinstance(node, ast.comprehension) else node, "lineno", 0)
    return line


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:117]}..."


def _find_sites(tree: ast.Module, *, only_limits: bool) -> list[tuple[str, Site]]:
    limits = _compared_names(tree)
    return [
        (function, site)
        for function, node in _walk(tree, "")
        for site in (_limit_sites(node, limits) if only_limits else _sites_of(node))
    ]


def _walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node that is computed with, and the name of the function around it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}".lstrip(".")
    yield function, node
    for name, value in ast.iter_fields(node):
        if name in _SKIPPED_FIELDS or (isinstance(node, ast.Raise) and name == "exc"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_text(child):
                yield from _walk(child, function)


def _is_text(node: ast.AST) -> bool:
    """Whether this is a docstring or a text put together for people."""
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or isinstance(node, ast.JoinedStr)


def _sites_of(node: ast.AST) -> Iterator[Site]:
    match node:
        case ast.Compare():
            yield from _comparisons(node, tuple(_COMPARED))
        case ast.UnaryOp(op=ast.Not()):
            negated = ast.UnaryOp(ast.Not(), node.operand)
            yield _replaced(node, "operand", negated, _short(ast.unparse(node.operand)))
        case ast.BinOp() | ast.AugAssign() if type(node.op) in _COMPUTED:
            yield _replaced(node, "op", _COMPUTED[type(node.op)](), type(node.op).__name__)
        case ast.If() | ast.IfExp() | ast.While():
            yield from _branches(node)
        case ast.Constant():
            yield from _constants(node)
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield _replaced(node, "value", ast.Constant(None), "return None")
        case _:
            yield from _removals(node)
    for body in ("body", "orelse"):
        if isinstance(node, ast.stmt | ast.Module) and not isinstance(node, ast.ClassDef):
            yield from _statements(getattr(node, body, []))


def _removals(node: ast.AST) -> Iterator[Site]:
    """One condition or one member less."""
    match node:
        case ast.BoolOp():
            yield from (_without(node, node.values, place) for place in range(len(node.values)))
        case ast.comprehension():
            yield from (_without(node, node.ifs, place) for place in range(len(node.ifs)))
        case ast.Set() | ast.Tuple() | ast.List() if _is_table(node):
            yield from (_without(node, node.elts, place) for place in range(len(node.elts)))
        case ast.Dict() if len(node.keys) > 1 and all(node.keys):
            places = range(len(node.keys))
            yield from (_without(node, node.keys, place, node.values) for place in places)
        case _:
            return


def _limit_sites(node: ast.AST, limits: frozenset[str]) -> Iterator[Site]:
    match node:
        case ast.Compare():
            yield from _comparisons(node, _ORDERS)
            if any(isinstance(op, _ORDERS) for op in node.ops):
                for side in (node.left, *node.comparators):
                    if isinstance(side, ast.Constant):
                        yield from _neighbours(side)
        case ast.Assign(targets=[ast.Name(id=name)]) if name in limits:
            for inner in ast.walk(node.value):
                if isinstance(inner, ast.Constant):
                    yield from _neighbours(inner)
        case _:
            pass


def _compared_names(tree: ast.Module) -> frozenset[str]:
    """The constants of a module that a comparison, a slice, ``min`` or ``range`` names in it."""
    return frozenset(
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare | ast.Slice | ast.Call)
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and name.id.isupper()
    )


def _comparisons(node: ast.Compare, which: tuple[type[ast.cmpop], ...]) -> Iterator[Site]:
    for place, op in enumerate(node.ops):
        if isinstance(op, which):
            new = _COMPARED[type(op)]()
            yield node, type(new).__name__, partial(node.ops.__setitem__, place, new)


def _branches(node: ast.If | ast.IfExp | ast.While) -> Iterator[Site]:
    if isinstance(node.test, ast.Constant) or _is_type_checking(node.test):
        return
    yield node.test, "False", partial(setattr, node, "test", ast.Constant(False))
    if not isinstance(node, ast.While):
        yield node.test, "True", partial(setattr, node, "test", ast.Constant(True))


def _constants(node: ast.Constant) -> Iterator[Site]:
    if isinstance(node.value, bool):
        yield _replaced(node, "value", not node.value, str(not node.value))
    elif isinstance(node.value, int | float):
        yield _replaced(node, "value", node.value + 1, str(node.value + 1))
    elif isinstance(node.value, str | bytes) and node.value and not _is_sentence(node.value):
        new = node.value + ("x" if isinstance(node.value, str) else b"x")  # type: ignore[operator]
        yield _replaced(node, "value", new, repr(new))


def _is_sentence(text: str | bytes) -> bool:
    """Whether this is written for people: a test would only copy it."""
    return isinstance(text, str) and " " in text.strip()


def _neighbours(node: ast.Constant) -> Iterator[Site]:
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        for new in (value + 1, value - 1) if isinstance(value, int) else (value * 2, value / 2):
            yield _replaced(node, "value", new, str(new))


def _statements(body: list[ast.stmt]) -> Iterator[Site]:
    """Calls and assignments to attributes and items, left out."""
    for place, statement in enumerate(body):
        match statement:
            case ast.Expr(value=ast.Call() | ast.Await() as value) if not _is_log(value):
                pass
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]) | ast.AugAssign():
                pass
            case ast.Continue() | ast.Break() | ast.Delete():
                pass
            case _:
                continue
        yield statement, "pass", partial(body.__setitem__, place, ast.Pass())


def _without(
    shown: ast.AST,
    nodes: list[ast.expr] | list[ast.expr | None],
    place: int,
    values: list[ast.expr] | None = None,
) -> Site:
    removed = nodes[place]
    assert removed is not None

    def plant() -> None:
        if isinstance(shown, ast.BoolOp) and len(shown.values) == 2:
            neutral = ast.Constant(isinstance(shown.op, ast.And))
            shown.values[place] = neutral
            return
        del nodes[place]
        if values is not None:
            del values[place]

    return shown, f"without {_short(ast.unparse(removed))}", plant


def _replaced(node: ast.AST, field: str, new: object, text: str) -> Site:
    return node, text, partial(setattr, node, field, new)


def _is_table(node: ast.Set | ast.Tuple | ast.List) -> bool:
    """Whether this holds members that are looked up; a pair of names is a value."""
    constant = (ast.Constant, ast.Attribute)
    is_loaded = isinstance(node, ast.Set) or isinstance(node.ctx, ast.Load)
    return is_loaded and len(node.elts) > 1 and all(isinstance(e, constant) for e in node.elts)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_type_checking(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "TYPE_CHECKING"


def _is_log(node: ast.expr) -> bool:
    return ast.unparse(node).startswith(("log.", "_log.", "super()"))
