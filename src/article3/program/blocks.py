"""Blocks: variables or rows that share a name and lie along named axes.

A block is only a place in a program: its first number, its shape and its labels. Bounds, costs and coefficients lie
in the program's arrays; values lie in a solution. ``block.index`` gives the numbers, shaped like the axes, so that
terms are written by numpy's own rules of broadcasting.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from article3.program.errors import ProgramError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST = 1e20  # HiGHS takes bounds and costs of this size as infinite


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers ``first`` to ``first + size`` of a program, laid along named axes.

    Parameters
    ----------
    program, name
        The program's name and the block's own.
    axes
        Labels by axis, in the order of the shape. No axes: a single number.
    first
        Number of the first variable or row.
    """

    program: str
    name: str
    axes: dict[str, tuple[Hashable, ...]] = field(hash=False)
    first: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of labels by axis."""
        return tuple(len(labels) for labels in self.axes.values())

    @property
    def size(self) -> int:
        """Number of variables or rows."""
        return math.prod(self.shape)

    @property
    def index(self) -> Integers:
        """Numbers of the variables or rows in the program, shaped like the axes."""
        return np.arange(self.first, self.first + self.size, dtype=np.int64).reshape(self.shape)

    def label(self, place: int) -> str:
        """Return what one place of the flattened block is called, for messages."""
        if not self.axes:
            return f"'{self.name}'"
        at = np.unravel_index(place, self.shape)
        parts = [f"{axis} {_text(labels[int(i)])}" for (axis, labels), i in zip(self.axes.items(), at, strict=True)]
        return f"'{self.name}' at {', '.join(parts)}"

    def spread(self, what: str, value: ArrayLike) -> Floats:
        """Return a number or an array broadcast over the block and flattened.

        Raises
        ------
        ProgramError
            The shape does not fit, or a value is no number.
        """
        given = np.asarray(value, dtype=np.float64)
        try:
            flat = np.broadcast_to(given, self.shape).ravel()
        except ValueError:
            axes = ", ".join(f"{axis} {len(labels)}" for axis, labels in self.axes.items()) or "no axes"
            raise ProgramError(
                f"{what} of block '{self.name}' has shape {given.shape}; the block has shape {self.shape} ({axes})."
            ) from None
        self.refuse(np.isnan(flat), f"{what} is not a number")
        return flat

    def refuse(self, wrong: NDArray[np.bool_], why: str) -> None:
        """Raise a sentence that names the first place at which something is wrong, if there is one."""
        if wrong.any():
            count = int(wrong.sum())
            others = f" ({count} places in all)" if count > 1 else ""
            raise ProgramError(f"Block {self.label(int(wrong.argmax()))}: {why}{others}.")

    def frame(self, values: ArrayLike, name: str = "value") -> pl.DataFrame:
        """Return values as a table: one column an axis, and one of the values.

        Parameters
        ----------
        values
            Shaped like the block, or flat.
        name
            Of the column of values.

        Raises
        ------
        ProgramError
            There are more or fewer values than places, or an axis has the name of the values.
        """
        array = np.asarray(values)
        if array.size != self.size:
            raise ProgramError(f"Block '{self.name}' has {self.size} places; {array.size} values were given.")
        if name in self.axes:
            raise ProgramError(f"Block '{self.name}' has an axis '{name}': give the column of values another name.")
        places = np.indices(self.shape).reshape(len(self.axes), self.size)
        columns = [
            pl.Series(axis, _column(labels))[place]
            for (axis, labels), place in zip(self.axes.items(), places, strict=True)
        ]
        return pl.DataFrame([*columns, pl.Series(name, array.ravel())])


@dataclass(frozen=True, slots=True)
class Variables(Block):
    """A block of variables, the columns of a program."""


@dataclass(frozen=True, slots=True)
class Rows(Block):
    """A block of rows, the constraints of a program."""


def labelled(name: str, axes: Mapping[str, Iterable[Hashable]]) -> dict[str, tuple[Hashable, ...]]:
    """Return the axes of a block with their labels.

    Raises
    ------
    ProgramError
        An axis has no labels, or one twice.
    """
    made: dict[str, tuple[Hashable, ...]] = {}
    for axis, given in axes.items():
        if isinstance(given, str):
            raise ProgramError(f"Axis '{axis}' of block '{name}' is the text '{given}'; expected a list of labels.")
        counted = isinstance(given, range)  # numbers in order: plain and different already
        labels = tuple(given if counted else (item.item() if isinstance(item, np.generic) else item for item in given))
        if not labels:
            raise ProgramError(f"Axis '{axis}' of block '{name}' has no labels.")
        if not counted and len(set(labels)) < len(labels):
            seen: set[Hashable] = set()
            twice = next(label for label in labels if label in seen or seen.add(label))  # type: ignore[func-returns-value]
            raise ProgramError(f"Axis '{axis}' of block '{name}' has the label {_text(twice)} twice.")
        made[axis] = labels
    return made


def check_bounds(block: Block, lower: Floats, upper: Floats) -> None:
    """Raise if the bounds of a block cannot be meant."""
    block.refuse(lower > upper, "the lower bound is above the upper")
    block.refuse((lower == np.inf) | (upper == -np.inf), "a bound is infinite on the wrong side")
    block.refuse(_too_large(lower) | _too_large(upper), f"a bound of {LARGEST:g} or more; leave it infinite instead")


def check_costs(block: Block, costs: Floats) -> None:
    """Raise if the costs of a block cannot be meant."""
    block.refuse(~(np.abs(costs) < LARGEST), f"the cost must be finite and below {LARGEST:g}")


def _too_large(values: Floats) -> NDArray[np.bool_]:
    return np.isfinite(values) & (np.abs(values) >= LARGEST)


def _text(label: Hashable) -> str:
    return ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _column(labels: tuple[Hashable, ...]) -> list[Any]:
    """Whole numbers stay numbers; anything else is written out."""
    if all(isinstance(label, int) and not isinstance(label, bool) for label in labels):
        return list(labels)
    return [_text(label) for label in labels]
