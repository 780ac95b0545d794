"""What the verbs of the command line share: options, and how a question is asked and answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import typer

from article3.errors import Article3Error, Cancelled, Fault, InputError, NotKnownError

AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON envelope: ok, verb, rows, sentence, sources, warnings, meta.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="One table as CSV; --table chooses which.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a value: --set gap.draws=0.", metavar="KEY=VALUE"),
]
TableName = Annotated[str | None, typer.Option("--table", help="Show this table only.", metavar="NAME")]
TableNames = Annotated[
    list[str] | None,
    typer.Option("--table", help="Show this table only; several may be named.", metavar="NAME"),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Use only what had been published by this day.", metavar="YYYY-MM-DD"),
]


def day(text: str | None, option: str) -> date | None:
    """Read a day or month given at the command line; a month stands for its last day."""
    if text is None:
        return None
    from article3.evidence.releases import known_from  # noqa: PLC0415

    try:
        day = known_from(text)
    except Article3Error:
        raise InputError(
            Fault("not a date", where=option, found=f"'{text}'", expected="YYYY-MM-DD, such as 2024-06-30")
        ) from None
    if day > date.today():  # noqa: DTZ011 - a calendar day, not a moment
        raise NotKnownError(
            Fault("the day lies in the future", where=option, found=text, mend="Choose today or earlier.")
        )
    return day


def answer(
    verb: str,
    make: Callable[[], Any],
    *,
    json: bool = False,
    csv: bool = False,
    table: str | None = None,
    whole: bool = False,
) -> None:
    """Ask, show the answer, and leave with code 2 and a sentence when the program says no."""
    from article3.cli.show import Style, fail, show  # noqa: PLC0415
    from article3.run.described import columns  # noqa: PLC0415

    style = Style(json, csv, table, whole)
    try:
        show(make(), style, columns())
    except Cancelled as error:
        fail(verb, error, style)
        raise typer.Exit(130) from None
    except Article3Error as error:
        fail(verb, error, style)
        raise typer.Exit(2) from None


def overrides(settings: list[str]) -> dict[str, str]:
    """Read values to override, given as ``KEY=VALUE``."""
    faults = [
        Fault(
            "an override is KEY=VALUE",
            where="--set",
            found=f"'{item}'",
            mend="Such as --set as_of=2025-12-31.",
        )
        for item in settings
        if "=" not in item
    ]
    if faults:
        raise InputError(faults)
    return {key.strip(): value for key, value in (item.split("=", 1) for item in settings)}
