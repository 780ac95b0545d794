"""The verb ``plan``: it has more options than the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from article3.cli.options import AsCsv, AsJson, AsOf, Settings, TableNames, answer, day, overrides
from article3.errors import Fault, InputError


def plan(
    scenario: Annotated[
        str, typer.Option("--scenario", help="A shipped scenario or a YAML file.", metavar="NAME")
    ] = "baseline",
    ally: Annotated[
        str | None, typer.Option("--ally", help="One Ally, with the fleets it belongs to.", metavar="NAME")
    ] = None,
    money: Annotated[
        float | None,
        typer.Option("--money", help="Fix the money, see the force: million 2021 US$ a year.", metavar="USD_M_A_YEAR"),
    ] = None,
    reach: Annotated[
        list[str] | None,
        typer.Option(
            "--reach",
            help="Fix the force, see the money: baltic_defence/30=1.0@2032.",
            metavar="CONTINGENCY/DAYS=SHARE@YEAR",
        ),
    ] = None,
    delay: Annotated[
        int | None, typer.Option("--delay", min=0, max=10, help="Every delivery comes later.", metavar="YEARS")
    ] = None,
    without_limit: Annotated[
        list[str] | None,
        typer.Option("--without-limit", help="Leave out a family of limits: money, people, lines.", metavar="FAMILY"),
    ] = None,
    lots: Annotated[bool, typer.Option("--lots", help="Order whole lots only.")] = False,
    alternatives: Annotated[
        int, typer.Option("--alternatives", min=0, max=20, help="Nearly as good plans, as different as can be.")
    ] = 0,
    within: Annotated[str, typer.Option("--within", help="How much dearer these may be.", metavar="P%")] = "2%",
    by: Annotated[str, typer.Option("--by", help="In what they differ: ally or element.")] = "ally",
    state: Annotated[
        Path | None, typer.Option("--state", help="How far earlier orders have come.", metavar="FILE.csv")
    ] = None,
    write_state: Annotated[
        Path | None,
        typer.Option("--write-state", help="Write the orders as a state file to fill in.", metavar="FILE.csv"),
    ] = None,
    calendar: Annotated[
        Path | None, typer.Option("--calendar", help="Write the milestones as a calendar.", metavar="FILE.ics")
    ] = None,
    settings: Settings = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    table: TableNames = None,
) -> None:
    """Who orders what, when, with which money, what does it bring, and what can be signed soon?

    Ctrl-C keeps the best plan found so far; a second one ends at once.
    """
    chosen = table or []

    def ask() -> Any:
        from article3.cli.progress import bar  # noqa: PLC0415
        from article3.cli.stopping import stoppable  # noqa: PLC0415
        from article3.run.ask_plan import Hooks, ask_plan  # noqa: PLC0415
        from article3.run.plan_files import Files  # noqa: PLC0415
        from article3.run.plan_wishes import Wishes  # noqa: PLC0415

        if as_csv and len(chosen) > 1:
            raise InputError(Fault("'--csv' prints one table", "--table", ", ".join(chosen), mend="Name one."))
        wishes = Wishes(
            money,
            tuple(reach or ()),
            delay,
            tuple(without_limit or ()),
            lots,
            alternatives,
            part(within, "--within"),
            by,
            state,
        )
        with bar() as progress, stoppable() as stop:
            found = ask_plan(
                scenario,
                ally,
                chosen,
                day(as_of, "--as-of"),
                overrides(settings or []),
                wishes,
                Files(calendar, write_state),
                Hooks(progress, stop),
            )
        halted.append(bool(found.meta["stopped"]) and stop())
        return found

    from article3.plan.described import SHORT  # noqa: PLC0415

    halted: list[bool] = []
    one = SHORT.get(chosen[0], chosen[0]) if len(chosen) == 1 else None
    answer("plan", ask, json=as_json, csv=as_csv, table=one, whole=bool(chosen))
    if any(halted):
        raise typer.Exit(130)  # the answer stands, but it is not the one that was asked for


def part(text: str, option: str, expected: str = "such as 2%") -> float:
    """Read a part given in per cent (``2%``, ``2``)."""
    try:
        return float(text.strip().removesuffix("%")) / 100
    except ValueError:
        raise InputError(Fault("not a part in per cent", option, f"'{text}'", expected)) from None
