"""The verb ``shift``: it has more options than the others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from article3.cli.options import AsCsv, AsJson, AsOf, Settings, TableNames, answer, day, overrides
from article3.cli.plan_verb import part
from article3.errors import Fault, InputError


def shift(  # noqa: PLR0913, PLR0917 - one parameter an option
    scenario: Annotated[
        str, typer.Option("--scenario", help="A shipped scenario or a YAML file.", metavar="NAME")
    ] = "baseline",
    fastest: Annotated[
        bool, typer.Option("--fastest", help="How soon can all leave with no day less safe than today?")
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again/--no-again", help="Make the plan again so that they can leave sooner; takes longer."),
    ] = False,
    drawdown: Annotated[
        list[str] | None,
        typer.Option("--drawdown", help="Judge this drawdown: shipped, or a file; several.", metavar="NAME_OR_FILE"),
    ] = None,
    notice: Annotated[
        int | None, typer.Option("--notice", min=0, max=3650, help="Days before anything leaves.", metavar="DAYS")
    ] = None,
    pace: Annotated[
        str | None, typer.Option("--pace", help="Most of an offer that leaves in a year.", metavar="P%")
    ] = None,
    margin: Annotated[
        str | None,
        typer.Option("--margin", help="Coverage above a requirement that is kept where it is there.", metavar="P%"),
    ] = None,
    late: Annotated[
        list[str] | None,
        typer.Option("--late", help="A European delivery comes later: tanker/2031=1.", metavar="ELEMENT/YEAR=YEARS"),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", help="A force element that stays whatever happens.", metavar="ELEMENT"),
    ] = None,
    first: Annotated[
        list[str] | None, typer.Option("--first", help="A force element that is wanted back first.", metavar="ELEMENT")
    ] = None,
    today: Annotated[
        str | None, typer.Option("--today", help="Day with which safety is compared.", metavar="YYYY-MM-DD")
    ] = None,
    plan: Annotated[
        str | None, typer.Option("--plan", help="European deliveries counted on: plan or announced.", metavar="WHICH")
    ] = None,
    chain: Annotated[
        str | None, typer.Option("--chain", help="Who commands: nato or berlin_plus.", metavar="WHICH")
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="How far earlier orders have come.", metavar="FILE.csv")
    ] = None,
    calendar: Annotated[
        Path | None, typer.Option("--calendar", help="Write the notice board as a calendar.", metavar="FILE.ics")
    ] = None,
    settings: Settings = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    table: TableNames = None,
) -> None:
    """How soon can US forces leave safely, what does a drawdown uncover, and who takes over?

    Ctrl-C keeps what has been found so far; a second one ends at once.
    """  # noqa: D400 - it ends with a question mark, as those of other verbs do
    chosen = table or []

    def ask() -> Any:
        from article3.cli.progress import bar  # noqa: PLC0415
        from article3.cli.stopping import stoppable  # noqa: PLC0415
        from article3.run.ask_plan import Hooks  # noqa: PLC0415
        from article3.run.ask_shift import ask_shift  # noqa: PLC0415
        from article3.run.shift_files import Files  # noqa: PLC0415
        from article3.run.shift_wishes import ShiftWishes  # noqa: PLC0415

        if as_csv and len(chosen) > 1:
            raise InputError(Fault("'--csv' prints one table", "--table", ", ".join(chosen), mend="Name one."))
        wishes = ShiftWishes(
            fastest,
            again,
            tuple(drawdown or ()),
            notice,
            _part(pace, "--pace"),
            _part(margin, "--margin"),
            tuple(late or ()),
            tuple(keep or ()),
            tuple(first or ()),
            _date(today),
            plan,
            chain,
            state,
        )
        with bar() as progress, stoppable() as stop:
            found = ask_shift(
                scenario,
                chosen,
                day(as_of, "--as-of"),
                overrides(settings or []),
                wishes,
                Files(calendar),
                Hooks(progress, stop),
            )
        halted.append(bool(found.meta["stopped"]) and stop())
        return found

    halted: list[bool] = []
    answer("shift", ask, json=as_json, csv=as_csv, table=chosen[0] if len(chosen) == 1 else None, whole=bool(chosen))
    if any(halted):
        raise typer.Exit(130)  # the answer stands, but it is not the one that was asked for


def _part(text: str | None, option: str) -> float | None:
    return None if text is None else part(text, option, "such as 34%")


def _date(text: str | None) -> date | None:
    """Read a day, which may lie ahead."""
    try:
        return None if text is None else date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(Fault("not a date", "--today", f"'{text}'", "YYYY-MM-DD, such as 2027-01-31")) from None
