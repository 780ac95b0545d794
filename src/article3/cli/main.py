"""Verbs of the command line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from article3.cli.options import AsCsv, AsJson, AsOf, Settings, TableName, answer, day, overrides
from article3.cli.plan_verb import plan
from article3.cli.shift_verb import shift
from article3.errors import Article3Error, Fault, InputError

app = typer.Typer(
    name="article3",
    help="Plan the sharing and shifting of the burden of NATO's collective defence. Everything runs on this machine.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
evidence_app = typer.Typer(
    help="The evidence: what is held, single figures, and files to import.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(evidence_app, name="evidence")


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario or a YAML file.")] = "baseline",
    out: Annotated[Path | None, typer.Option("--out", help="Run folder to write.", metavar="FOLDER")] = None,
    settings: Settings = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Local processes to work in.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Run a scenario: everything, written to a folder with report.html, workbook.xlsx, tables and manifest."""
    answer("run", lambda: _run(scenario, out, settings or [], workers), json=as_json)


def _run(scenario: str, out: Path | None, settings: list[str], workers: int) -> Any:
    from article3.cli.progress import bar  # noqa: PLC0415
    from article3.compute import executor_for  # noqa: PLC0415
    from article3.report import PAGES  # noqa: PLC0415
    from article3.run.analysis import run as start  # noqa: PLC0415
    from article3.run.answers import Answer, base_meta  # noqa: PLC0415
    from article3.run.folder import save  # noqa: PLC0415

    with bar() as progress:
        result = start(scenario, overrides(settings), executor_for(workers), progress)
        folder = save(result, out or Path("runs") / f"{result.name}-{result.digest[:12]}", PAGES)
    names = ["report.html", "workbook.xlsx", "tables", "manifest.json"]
    rows = [{"table": "run", "file": str(folder / name)} for name in names]
    rows += [
        {"table": "finding", "finding": f.name, "part": f.part, "as_of": f.when, "sentence": str(f.sentence)}
        for f in result.findings
    ]
    evidence = result.inputs.evidence
    release = evidence.find_vintage("nato", base_meta(evidence)["newest_release"])
    illustrative = sorted({finding.name for finding in result.findings if finding.standing == "notional"})
    standings = sorted({str(finding.standing) for finding in result.findings} - {"notional"})
    met = next((f"{finding.sentence}\n" for finding in result.findings if finding.name == "attainment"), "")
    marked = f"; illustrative (notional): {', '.join(illustrative)}" if illustrative else "; none is illustrative"
    text = (
        f"{result.findings[0].sentence}\n{met}"
        f"Data: newest release {release.label} ({release.title}), as known on {evidence.day}. "
        f"Standing of the findings: {', '.join(standings)}{marked}.\n"
        f"Open {folder / 'report.html'}"
    )
    return Answer(
        "run",
        tuple(rows),
        text,
        warnings=result.inputs.warnings,
        meta={**base_meta(evidence), "digest": result.digest, "folder": str(folder)},
    )


@app.command()
def pledge(
    ally: Annotated[str | None, typer.Argument(help="One Ally: code or name.")] = None,
    name: Annotated[
        str | None, typer.Option("--pledge", help="Which pledge, such as wales_2014.", metavar="NAME")
    ] = None,
    as_of: AsOf = None,
    year: Annotated[int | None, typer.Option("--year", min=1949, max=2100, help="Judge this year.")] = None,
    every_year: Annotated[bool, typer.Option("--every-year", help="Judge every year from the base year on.")] = False,
    then: Annotated[
        str | None,
        typer.Option("--then", help="Compare with what was known on this earlier day.", metavar="YYYY-MM-DD"),
    ] = None,
    odds: Annotated[
        bool, typer.Option("--odds", help="Early warning: odds, warning level, step, last safe year.")
    ] = False,
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Count the newest figure of each Ally: never a headline.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    table: TableName = None,
) -> None:
    """Who keeps a pledge, as known on a date?"""

    def ask() -> Any:
        from article3.pledge.rules import Rules  # noqa: PLC0415
        from article3.run.ask import ask_pledge  # noqa: PLC0415

        earlier = day(then, "--then")
        return ask_pledge(
            ally, name, day(as_of, "--as-of"), year, earlier, Rules(mixed=mixed), every_year=every_year, odds=odds
        )

    answer("pledge", ask, json=as_json, csv=as_csv, table=table)


@app.command()
def gap(
    scenario: Annotated[
        str, typer.Option("--scenario", help="A shipped scenario or a YAML file.", metavar="NAME")
    ] = "baseline",
    without: Annotated[
        str | None,
        typer.Option("--without", help="Who is absent in the posture 'without': usa,tur.", metavar="NAMES"),
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", help="Who alone takes part in it: europe.", metavar="NAMES")
    ] = None,
    settings: Settings = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    table: TableName = None,
) -> None:
    """What can be met, by whom, when, with and without the United States?"""

    def ask() -> Any:
        from article3.cli.progress import bar  # noqa: PLC0415
        from article3.run.ask_gap import ask_gap  # noqa: PLC0415

        with bar() as progress:
            return ask_gap(
                scenario,
                _names(without),
                _names(only),
                (table,) if table else (),
                day(as_of, "--as-of"),
                overrides(settings or []),
                progress,
            )

    answer("gap", ask, json=as_json, csv=as_csv, table=table)


app.command()(plan)
app.command()(shift)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(item.strip() for item in (text or "").split(",") if item.strip())


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(help="A scenario, contingency, list of claims, official file, own table or workbook."),
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Check the shipped claims.")] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    table: TableName = None,
) -> None:
    """Check a file: all faults at once; or the shipped claims, as known then and now."""

    def ask() -> Any:
        from article3.run.verbs import check as verb  # noqa: PLC0415

        if file is None and not example:
            raise InputError(Fault("nothing to check", mend="Name a file, or use --example for the shipped claims."))
        return verb(file, example=example, as_of=day(as_of, "--as-of"))

    answer("check", ask, json=as_json, csv=as_csv, table=table)


@app.command()
def explain(
    address: Annotated[str, typer.Argument(help="Address of a number, as printed beside it.")],
    folder: Annotated[
        Path | None, typer.Option("--run", help="Take it from this run folder.", metavar="FOLDER")
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    table: TableName = None,
) -> None:
    """Explain a number: value, unit, formula in words, inputs with source, date and standing."""

    def ask() -> Any:
        from article3.run.verbs import explained  # noqa: PLC0415

        return explained(address, folder)

    answer("explain", ask, json=as_json, csv=as_csv, table=table)


@app.command()
def quote(
    address: Annotated[str, typer.Argument(help="Address of a number, as printed beside it.")],
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Write a picture: .svg or .png.", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Quote a number: a sentence, a footnote, its vintage, and a picture."""

    def ask() -> Any:
        from article3.run.verbs import quote as verb  # noqa: PLC0415

        answer = verb(address)
        if picture:
            _draw(address, picture)
        return answer

    answer("quote", ask, json=as_json)


def _draw(address: str, path: Path) -> None:
    from article3.evidence import atomic  # noqa: PLC0415
    from article3.evidence.store import open_evidence  # noqa: PLC0415
    from article3.report import figures  # noqa: PLC0415

    kind = path.suffix.lower()
    if kind not in (".svg", ".png"):
        raise InputError(Fault("a picture is .svg or .png", where="--picture", found=str(path)))
    chart = figures.series(address, open_evidence())
    atomic.write_file(path, figures.svg(chart).encode() if kind == ".svg" else figures.png(chart))


@app.command()
def diff(
    first: Annotated[str, typer.Argument(help="A run folder or a scenario.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    table: TableName = None,
) -> None:
    """Compare two runs: inputs that differ, then results."""

    def ask() -> Any:
        from article3.run.verbs import compare_runs  # noqa: PLC0415

        return compare_runs(first, second)

    answer("diff", ask, json=as_json, csv=as_csv, table=table)


@app.command()
def schema(kind: Annotated[str, typer.Argument(help="Which: scenario.")] = "scenario") -> None:
    """Print a JSON Schema, for editors that check a file while it is written."""
    from article3.cli.show import Style, fail  # noqa: PLC0415
    from article3.run.verbs import schema as verb  # noqa: PLC0415

    try:
        print(json.dumps(verb(kind), indent=1))
    except Article3Error as error:
        fail("schema", error, Style())
        raise typer.Exit(2) from None


@app.command()
def backtest(
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Run ETS, ARIMA, Theta and CES too, where installed.")
    ] = True,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    table: TableName = None,
) -> None:
    """Back-test the forecasts in public: scores, calibration, events, against what anyone could have used."""

    def ask() -> Any:
        from article3.cli.progress import bar  # noqa: PLC0415
        from article3.run.verbs import backtest as verb  # noqa: PLC0415

        with bar() as progress:
            return verb(extra=baselines, progress=progress)

    answer("backtest", ask, json=as_json, csv=as_csv, table=table)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what works here: versions, evidence, folders."""

    def ask() -> Any:
        from article3.run.health import doctor as verb  # noqa: PLC0415

        return verb()

    answer("doctor", ask, json=as_json)


@evidence_app.command("list")
def evidence_list(as_of: AsOf = None, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """List the vintages held."""

    def ask() -> Any:
        from article3.run.verbs import list_evidence  # noqa: PLC0415

        return list_evidence(day(as_of, "--as-of"))

    answer("evidence list", ask, json=as_json, csv=as_csv)


@evidence_app.command("show")
def evidence_show(
    what: Annotated[str, typer.Argument(help="nato/2024-06-17, nato/2024-06-17/defence_pct_gdp, or one address.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show figures of the evidence."""

    def ask() -> Any:
        from article3.run.verbs import show_evidence  # noqa: PLC0415

        return show_evidence(what, day(as_of, "--as-of"))

    answer("evidence show", ask, json=as_json, csv=as_csv)


@evidence_app.command("import")
def evidence_import(
    file: Annotated[
        Path, typer.Argument(help="NATO's yearly workbook, an IMF WEO file, your own table, a planning workbook.")
    ],
    vintage: Annotated[
        str | None,
        typer.Option("--vintage", help="Day or month of release, where the file does not tell.", metavar="DATE"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare only; add nothing.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compare a file with what is held, and add it to your own evidence. All of it or nothing."""

    def ask() -> Any:
        from article3.run.verbs import import_file  # noqa: PLC0415

        return import_file(file, vintage, dry_run=dry_run)

    answer("evidence import", ask, json=as_json, csv=as_csv)


@evidence_app.command("export")
def evidence_export(
    workbook: Annotated[Path, typer.Option("--workbook", help="Workbook to write: a new .xlsx file.", metavar="FILE")],
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write holdings, availability, costs and requirements to a workbook, with room for figures of your own."""

    def ask() -> Any:
        from article3.run.own_figures import export_workbook  # noqa: PLC0415

        return export_workbook(workbook)

    answer("evidence export", ask, json=as_json, csv=as_csv)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0, 2 for bad input, 130 when stopped."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(arguments, prog_name="article3", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):  # Ctrl-C inside a verb, or before there is one
        print("Stopped. Nothing was written.", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        # The reader of the pipe has gone; nothing is wrong with the answer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        code = _usage(error, arguments)
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: Exception, arguments: list[str]) -> int:
    """Tell a mistake in the command's words as plainly as one in a file; anything else is ours and is raised."""
    message = getattr(error, "format_message", None)
    if message is None:
        raise error
    from article3.cli.show import Style, fail  # noqa: PLC0415

    verb = next((item for item in arguments if not item.startswith("-")), "")
    fault = Fault(str(message()).rstrip("."), mend=f"See 'article3 {verb} --help'.".replace("  ", " "))
    fail(verb, InputError(fault), Style(json="--json" in arguments))
    return 2
