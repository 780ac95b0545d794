"""A program is put together from blocks and terms, and assembled once into arrays.

Objective and rows, with *x* the variables::

    min or max   c'x + constant      subject to   L <= A x <= U,   l <= x <= u,   some x whole

Terms are coordinates (row, column, value); duplicates add up. :meth:`Program.assemble` sorts them into rows, the form
in which they go to the solver. No loop runs over cells.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from article3.program.blocks import (
    Block,
    Floats,
    Integers,
    Rows,
    Variables,
    check_bounds,
    check_costs,
    labelled,
)
from article3.program.errors import ProgramError

Sense = Literal["min", "max"]
Index = Block | ArrayLike
Number = TypeVar("Number", np.float64, np.int64)

SMALLEST, BIGGEST = 1e-9, 1e15  # HiGHS drops coefficients up to the one and refuses them from the other


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """A program as arrays; none of them can be written to.

    Parameters
    ----------
    name, sense, constant
        Of the program; the constant is added to the objective.
    columns, rows
        Blocks by name, in order.
    lower, upper, cost, integer
        By column.
    row_lower, row_upper
        By row.
    starts, indices, values
        The coefficients by row: those of row *i* stand at ``starts[i]`` to ``starts[i + 1]``, columns ascending.
    """

    name: str
    sense: Sense
    constant: float
    columns: dict[str, Variables]
    rows: dict[str, Rows]
    lower: Floats
    upper: Floats
    cost: Floats
    integer: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    starts: NDArray[np.int32]
    indices: NDArray[np.int32]
    values: Floats

    @property
    def row_of(self) -> Integers:
        """The row of each coefficient."""
        return np.repeat(np.arange(self.row_lower.size, dtype=np.int64), np.diff(self.starts))

    @property
    def whole(self) -> bool:
        """Whether some variable must be a whole number."""
        return bool(self.integer.any())

    def activity(self, point: Floats) -> Floats:
        """Return A x."""
        return _summed(self.row_of, self.values * point[self.indices], self.row_lower.size)

    def priced(self, prices: Floats) -> Floats:
        """Return A'y."""
        return _summed(self.indices, self.values * prices[self.row_of], self.lower.size)

    def column_label(self, number: int) -> str:
        """Return what a column is called, for messages."""
        return _label(self.columns, number)

    def row_label(self, number: int) -> str:
        """Return what a row is called, for messages."""
        return _label(self.rows, number)

    def own(self, block: Block) -> slice:
        """Return where the values of a block lie.

        Raises
        ------
        ProgramError
            The block is not one of this program.
        """
        variables = isinstance(block, Variables)
        known: Mapping[str, Block] = self.columns if variables else self.rows
        if known.get(block.name) != block:
            kind = "variables" if variables else "rows"
            raise ProgramError(
                f"Program '{self.name}' has no {kind} '{block.name}' as given (of program '{block.program}'); "
                f"it has {', '.join(known) or 'none'}."
            )
        return slice(block.first, block.first + block.size)

    def chosen(self, which: Index, kind: type[Rows | Variables]) -> tuple[Block, Integers]:
        """Return the block given and its numbers; or some numbers, and a block that stands for them in messages.

        Raises
        ------
        ProgramError
            They are not of this program, not one axis of whole numbers, or one is there twice.
        """
        if isinstance(which, kind):
            self.own(which)
            return which, which.index.ravel()
        numbers = np.atleast_1d(numbered(which, kind, self.name))
        word, size = ("rows", self.row_lower.size) if kind is Rows else ("variables", self.lower.size)
        if numbers.ndim > 1 or not ((numbers >= 0) & (numbers < size)).all():
            raise ProgramError(f"Program '{self.name}' has {size} {word}; give a block, or one axis of their numbers.")
        return kind(self.name, word, labelled(word, {"number": numbers.tolist()}), 0), numbers

    def with_coefficients(self, rows: Integers, columns: Integers, values: Floats) -> Arrays:
        """Return the arrays with some coefficients set; places that held none are filled, zeros leave."""
        width = self.lower.size
        keys, new = self.row_of * width + self.indices, rows * width + columns
        order = np.argsort(new, kind="stable")
        new, values = new[order], values[order]
        kept = ~np.isin(keys, new)
        keys = np.concatenate([keys[kept], new])
        starts, indices, summed = _by_row(keys, np.concatenate([self.values[kept], values]), self.row_lower.size, width)
        return replace(self, starts=starts, indices=indices, values=summed)


@dataclass(slots=True)
class _Part:
    """What the arrays hold of one block."""

    lower: Floats
    upper: Floats
    cost: Floats = field(default_factory=lambda: np.zeros(0))
    integer: bool = False


class Program:
    """A linear or mixed-integer program under construction.

    Parameters
    ----------
    name
        For messages.
    sense
        ``"min"`` or ``"max"``.
    constant
        Added to the objective.

    Examples
    --------
    >>> from article3.program import Program, Session
    >>> program = Program("supply")
    >>> sent = program.variables("sent", {"from": ["DEU", "FRA"], "to": ["EST", "LVA"]}, cost=[[2, 3], [4, 1]])
    >>> wanted = program.rows("wanted", {"to": ["EST", "LVA"]}, lower=[5, 7])
    >>> program.add_terms(wanted, sent, 1.0)      # the last axis of 'sent' lies along the rows
    >>> Session(program).solve().objective
    17.0
    """

    def __init__(self, name: str, sense: Sense = "min", constant: float = 0.0) -> None:
        if sense not in {"min", "max"}:
            raise ProgramError(f"Program '{name}' has the sense '{sense}'; expected min or max.")
        if not np.isfinite(constant):
            raise ProgramError(f"Program '{name}' has the constant {constant}; expected a finite number.")
        self.name, self.sense, self.constant = name, sense, float(constant)
        self._columns: dict[str, Variables] = {}
        self._rows: dict[str, Rows] = {}
        self._parts: dict[str, _Part] = {}
        self._terms: list[tuple[Integers, Integers, Floats]] = []
        self._arrays: Arrays | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns so far."""
        return _size(self._rows), _size(self._columns)

    @property
    def blocks(self) -> dict[str, Variables | Rows]:
        """All blocks so far, by name: variables, then rows."""
        return {**self._columns, **self._rows}

    def variables(
        self,
        name: str,
        axes: Mapping[str, Iterable[Hashable]],
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        integer: bool = False,
    ) -> Variables:
        """Add a block of variables and return it.

        Parameters
        ----------
        name
            Of the block; no other of the program has it.
        axes
            Labels by axis; none for a single variable.
        lower, upper, cost
            Bounds and objective coefficients: numbers, or arrays that broadcast over the axes.
        integer
            Whether the variables are whole numbers.

        Raises
        ------
        ProgramError
            Name, labels, shapes or numbers cannot be used.
        """
        block = Variables(self.name, self._free(name), labelled(name, axes), self.shape[1])
        part = _Part(
            block.spread("lower", lower), block.spread("upper", upper), block.spread("cost", cost), bool(integer)
        )
        check_bounds(block, part.lower, part.upper)
        check_costs(block, part.cost)
        self._columns[name], self._parts[name], self._arrays = block, part, None
        return block

    def rows(
        self,
        name: str,
        axes: Mapping[str, Iterable[Hashable]],
        *,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
    ) -> Rows:
        """Add a block of rows ``lower <= terms <= upper`` and return it.

        Parameters
        ----------
        name, axes
            As for :meth:`variables`.
        lower, upper
            Numbers, or arrays that broadcast over the axes; equal for an equation.

        Raises
        ------
        ProgramError
            Name, labels, shapes or numbers cannot be used.
        """
        block = Rows(self.name, self._free(name), labelled(name, axes), self.shape[0])
        part = _Part(block.spread("lower", lower), block.spread("upper", upper))
        check_bounds(block, part.lower, part.upper)
        self._rows[name], self._parts[name], self._arrays = block, part, None
        return block

    def add_terms(self, rows: Index, columns: Index, values: ArrayLike) -> None:
        """Add coefficients; those that meet in one place add up.

        Parameters
        ----------
        rows, columns
            Blocks, or numbers taken from ``block.index``; broadcast against each other.
        values
            Coefficients, broadcast likewise.

        Raises
        ------
        ProgramError
            Shapes do not fit, a number is outside the program, or a coefficient cannot be used.
        """
        where = coordinates(rows, columns, values, self.shape, self.name)
        wrong = unusable(where[2])
        if wrong.any():
            row, column, value = (array[int(wrong.argmax())] for array in where)
            raise ProgramError(
                f"Program '{self.name}': the coefficient of variable {_label(self._columns, int(column))} in row "
                f"{_label(self._rows, int(row))} is {value:g}; expected zero or a size between {SMALLEST:g} and "
                f"{BIGGEST:g}. {int(wrong.sum())} such in this call."
            )
        self._terms.append(where)
        self._arrays = None

    def block(self, name: str) -> Variables | Rows:
        """Return a block by name.

        Raises
        ------
        ProgramError
            There is none of that name.
        """
        if name not in self.blocks:
            known = ", ".join(self.blocks) or "none"
            raise ProgramError(f"Program '{self.name}' has no block '{name}'; it has {known}.")
        return self.blocks[name]

    def column_block(self, name: str) -> Variables:
        """Return a block of variables by name.

        Raises
        ------
        ProgramError
            There is none of that name.
        """
        found = self.block(name)
        if not isinstance(found, Variables):
            raise ProgramError(f"Block '{name}' of program '{self.name}' holds rows, not variables.")
        return found

    def row_block(self, name: str) -> Rows:
        """Return a block of rows by name.

        Raises
        ------
        ProgramError
            There is none of that name.
        """
        found = self.block(name)
        if not isinstance(found, Rows):
            raise ProgramError(f"Block '{name}' of program '{self.name}' holds variables, not rows.")
        return found

    def assemble(self) -> Arrays:
        """Return the program as arrays; done once, until something is added.

        Raises
        ------
        ProgramError
            There are no variables: the solver would call that solved, whatever the rows ask.
        """
        if self._arrays is None:
            self._arrays = self._assembled()
        return self._arrays

    def feasibility(self) -> Program:
        """Return a copy that minimises nothing, to add to."""
        copy = Program(self.name)
        copy._columns, copy._rows, copy._terms = dict(self._columns), dict(self._rows), list(self._terms)
        copy._parts = {name: replace(part, cost=np.zeros_like(part.cost)) for name, part in self._parts.items()}
        return copy

    def _assembled(self) -> Arrays:
        height, width = self.shape
        if not width:
            raise ProgramError(f"Program '{self.name}' has no variables.")
        columns, rows = ([self._parts[name] for name in blocks] for blocks in (self._columns, self._rows))
        sizes = [block.size for block in self._columns.values()]
        keys = _joined([row * width + column for row, column, _ in self._terms], np.int64)
        values = _joined([value for _, _, value in self._terms], np.float64)
        starts, indices, summed = _by_row(keys, values, height, width)
        integer = np.repeat([part.integer for part in columns], sizes)
        integer.flags.writeable = False
        return Arrays(
            name=self.name,
            sense=self.sense,
            constant=self.constant,
            columns=dict(self._columns),
            rows=dict(self._rows),
            lower=frozen(_joined([part.lower for part in columns], np.float64)),
            upper=frozen(_joined([part.upper for part in columns], np.float64)),
            cost=frozen(_joined([part.cost for part in columns], np.float64)),
            integer=integer,
            row_lower=frozen(_joined([part.lower for part in rows], np.float64)),
            row_upper=frozen(_joined([part.upper for part in rows], np.float64)),
            starts=starts,
            indices=indices,
            values=summed,
        )

    def _free(self, name: str) -> str:
        if name in self._parts:
            raise ProgramError(f"Program '{self.name}' has a block '{name}' already.")
        return name


def coordinates(
    rows: Index, columns: Index, values: ArrayLike, shape: tuple[int, int], name: str
) -> tuple[Integers, Integers, Floats]:
    """Return rows, columns and values broadcast against each other and flattened.

    Raises
    ------
    ProgramError
        Shapes do not fit, or a number is outside the program.
    """
    at_rows, at_columns = numbered(rows, Rows, name), numbered(columns, Variables, name)
    given = np.asarray(values, dtype=np.float64)
    try:
        row, column, value = np.broadcast_arrays(at_rows, at_columns, given)
    except ValueError:
        raise ProgramError(
            f"Program '{name}': rows of shape {at_rows.shape}, columns of shape {at_columns.shape} and values of "
            f"shape {given.shape} do not go together."
        ) from None
    for what, numbers, size in (("row", row, shape[0]), ("variable", column, shape[1])):
        if numbers.size and not (numbers.min() >= 0 and numbers.max() < size):
            raise ProgramError(
                f"Program '{name}' has {size} {what}s; a term names {what} {numbers.min()} or {numbers.max()}."
            )
    return row.ravel(), column.ravel(), value.flatten()


def unusable(values: Floats) -> NDArray[np.bool_]:
    """Return where a coefficient is one that the solver would refuse, or drop without a word."""
    size = np.abs(values)
    wrong: NDArray[np.bool_] = ~((size == 0) | ((size > SMALLEST) & (size < BIGGEST)))
    return wrong


def frozen(array: Floats) -> Floats:
    """Return the array, closed to writing."""
    array.flags.writeable = False
    return array


def numbered(given: Index, kind: type[Rows | Variables], name: str) -> Integers:
    """Return the numbers of a block, or numbers as given.

    Raises
    ------
    ProgramError
        The block is of another kind or program, or what was given are no whole numbers.
    """
    if isinstance(given, Block):
        if not isinstance(given, kind) or given.program != name:
            word = "rows" if kind is Rows else "variables"
            raise ProgramError(f"Block '{given.name}' of program '{given.program}' are no {word} of program '{name}'.")
        return given.index
    array = np.asarray(given)
    if array.dtype.kind not in "iu":
        raise ProgramError(f"Program '{name}': rows and columns of terms are whole numbers, not {array.dtype}.")
    return array.astype(np.int64)


def _by_row(
    keys: Integers, values: Floats, height: int, width: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    """Sort coefficients by row and column and add up what meets in one place; return starts, columns, values."""
    order = np.argsort(keys, kind="stable")  # stable, so that sums are the same to the last bit
    keys, values = keys[order], values[order]
    if keys.size:
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        keys, values = keys[first], np.add.reduceat(values, first)
    kept = np.abs(values) > SMALLEST  # what cancelled
    row, column = np.divmod(keys[kept], width)
    starts = np.searchsorted(row, np.arange(height + 1)).astype(np.int32)
    indices = column.astype(np.int32)
    starts.flags.writeable = indices.flags.writeable = False
    return starts, indices, frozen(values[kept])


def _joined(parts: list[NDArray[Number]], kind: type[Number]) -> NDArray[Number]:
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


def _summed(places: NDArray[np.integer], values: Floats, size: int) -> Floats:
    return np.bincount(places, values, minlength=size).astype(np.float64)  # of nothing, numpy gives whole numbers


def _size(blocks: Mapping[str, Block]) -> int:
    return sum(block.size for block in blocks.values())


def _label(blocks: Mapping[str, Block], number: int) -> str:
    """Name of a row or column: of the block that holds its number."""
    block = next(block for block in blocks.values() if block.first <= number < block.first + block.size)
    return block.label(number - block.first)
