"""One function for each question; every face calls these, so that all give the same answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from article3.compute import Progress
from article3.errors import Fault, InputError, UnknownNameError
from article3.evidence import own
from article3.evidence.addresses import ResultAddress, parse_address
from article3.evidence.findings import Finding
from article3.evidence.planbook_reading import is_planning_workbook
from article3.evidence.store import open_evidence, user_folder
from article3.gap.described import TABLES
from article3.plan.described import TABLES as PLAN_TABLES
from article3.pledge import claims
from article3.run import own_figures
from article3.run.analysis import digest_of, run
from article3.run.answers import Answer, base_meta, cite, from_findings
from article3.run.ask import known
from article3.run.diff import diff
from article3.run.explain import explain
from article3.run.folder import SavedRun, load
from article3.run.shift_wishes import ShiftWishes
from article3.scenario.resolve import Inputs, resolve
from article3.scenario.yamlfile import read_yaml
from article3.shift.described import TABLES as SHIFT_TABLES


def backtest(*, extra: bool = True, progress: Progress | None = None) -> Answer:
    """Back-test the forecasts.

    Parameters
    ----------
    extra
        Whether to run the baselines of statsforecast too, where it is installed.
    progress
        Called after each window.

    Raises
    ------
    NotKnownError
        The long history is not there.
    """
    from article3.forecast import scoreboard, track  # noqa: PLC0415 - numpy, for those who ask for it

    evidence = open_evidence()
    record = track.track_record(evidence, extra=extra, progress=progress)
    return from_findings("backtest", evidence, (*record, scoreboard.scoreboard(evidence)))


def check(path: Path | None = None, *, example: bool = False, as_of: date | None = None) -> Answer:
    """Check a file: a scenario, a contingency, a drawdown, claims, an official file, an own table, a planning workbook.

    Raises
    ------
    InputError
        The file has faults; all of them are told.
    """
    if example or path is None:
        return _check_claims(claims.EXAMPLE, as_of)
    if path.suffix.lower() in (".yaml", ".yml"):
        data = read_yaml(path).data
        if isinstance(data, list):
            return _check_claims(path, as_of)
        if isinstance(data, dict) and ("contingency" in data or "needs" in data):
            return own_figures.check_contingency(path)
        if isinstance(data, dict) and "drawdown" in data:
            return _check_drawdown(path)
        inputs = resolve(path)
        changed = ", ".join(inputs.changed) or "nothing"
        text = f"The scenario '{inputs.name}' is well formed; changed from baseline: {changed}."
        rows = ({"table": "scenario", "name": inputs.name, "changed": list(inputs.changed)},)
        return Answer("check", rows, text, warnings=inputs.warnings, meta=base_meta(inputs.evidence))
    return import_file(path, dry_run=True, verb="check")


def _check_drawdown(path: Path) -> Answer:
    """Check a drawdown against the offer and the day of the baseline."""
    inputs = ShiftWishes(drawdowns=(str(path),)).inputs("baseline", None, None)
    (found,) = inputs.drawdowns
    days = sorted(step.date for step in found.steps)
    rows = tuple({"table": "drawdown", **step.model_dump()} for step in found.steps)
    text = f"The drawdown '{found.drawdown}' is well formed: {len(days)} steps from {days[0]} to {days[-1]}."
    return Answer("check", rows, text, warnings=inputs.warnings, meta=base_meta(inputs.evidence))


def _check_claims(path: Path, as_of: date | None) -> Answer:
    evidence = known(as_of)
    finding = claims.check_claims(evidence, claims.read_claims(path, evidence.measures))
    return from_findings("check", evidence, [finding])


def list_evidence(as_of: date | None = None) -> Answer:
    """List the vintages held, with their numbers of figures."""
    evidence = known(as_of)
    rows = []
    for vintage in evidence.vintages:
        table = evidence.table(vintage.dataset).filter(pl.col("vintage") == vintage.vintage)
        rows.append(
            {
                "table": "vintage",
                "dataset": vintage.dataset,
                "vintage": vintage.vintage,
                "known_from": vintage.known_from,
                "title": vintage.title,
                "figures": table.height,
                "allies": table["ally"].n_unique(),
                "first_year": table["period"].min(),
                "last_year": table["period"].max(),
                "definition": vintage.definition,
                "constant_prices": vintage.constant_prices,
                "standing": " ".join(sorted(table["standing"].unique())),
                "note": vintage.note,
            }
        )
    total = sum(evidence.table(dataset).height for dataset in sorted({v.dataset for v in evidence.vintages}))
    text = f"{total:,} figures in {len(rows)} vintages known on {evidence.as_of}."
    return Answer("evidence list", tuple(rows), text, meta=base_meta(evidence))


def show_evidence(what: str, as_of: date | None = None) -> Answer:
    """Show figures: a vintage (``nato/2024-06-17``), a measure of it, or one address.

    Raises
    ------
    InputError
        Nothing stands there.
    """
    evidence = known(as_of)
    if "#" in what:
        row = evidence.row(what)
        rows = pl.DataFrame([row])
    else:
        dataset, *rest = what.strip("/").split("/")
        datasets = sorted({vintage.dataset for vintage in evidence.vintages})
        if dataset not in datasets:
            raise UnknownNameError("dataset", dataset, datasets)
        rows = evidence.table(dataset)
        if rest:
            vintage = evidence.find_vintage(dataset, rest[0])
            rows = rows.filter(pl.col("vintage") == vintage.vintage)
        if len(rest) > 1:
            rows = rows.filter(pl.col("measure") == rest[1])
    if rows.height == 0:
        raise InputError(
            Fault(
                f"nothing stands at '{what}'",
                mend="'article3 evidence list' shows the vintages that are held.",
            )
        )
    found = tuple({"table": "evidence", **row} for row in rows.iter_rows(named=True))
    text = f"{rows.height:,} figures, {rows['ally'].n_unique()} Allies or aggregates."
    sources = cite(evidence, sorted(rows["source_id"].unique()))
    return Answer("evidence show", found, text, sources, meta=base_meta(evidence))


def import_file(
    path: Path, vintage: str | None = None, *, dry_run: bool = False, verb: str = "evidence import"
) -> Answer:
    """Compare a file with what is held and, unless ``dry_run``, add it to the user's own evidence.

    Raises
    ------
    InputError
        The file cannot be read, or differs from a vintage that is held; nothing was imported.
    """
    if is_planning_workbook(path):
        return own_figures.import_workbook(path, dry_run=dry_run, verb=verb)
    evidence = open_evidence()
    releases = own.read_release(path, vintage, evidence)
    compared = [(release, own.compare(release, evidence)) for release in releases]
    faults = [_difference(row) for _, item in compared for row in item.differences.iter_rows(named=True)]
    if faults:
        raise InputError(faults)
    rows = [row for release, item in compared for row in _import_rows(release, item)]
    added = [release for release, item in compared if not item.held]
    notes = [note for release in releases for note in release.notes]
    for release in added:
        twin = own.same_figures(release.table, release.dataset, evidence)
        if twin:
            notes.append(f"Nearly all figures equal those of {release.dataset}/{twin}: is it the same release?")
    if not dry_run:
        for release in added:
            own.add(release, user_folder())
    return Answer(
        verb, tuple(rows), _import_sentence(compared, dry_run=dry_run), warnings=tuple(notes), meta=base_meta(evidence)
    )


def _difference(row: Mapping[str, Any]) -> Fault:
    return Fault(
        f"{row['address']} differs from what is held",
        where=row["cell"],
        found=f"{row['found']:g}",
        expected=f"{row['held']:g}",
        mend="A vintage is never overwritten: if this is another release, name its day with --vintage.",
    )


def _import_rows(release: own.Release, item: own.Comparison) -> list[dict[str, Any]]:
    head = {
        "table": "import",
        "dataset": release.dataset,
        "vintage": release.vintage.vintage,
        "known_from": release.vintage.known_from,
        "title": release.vintage.title,
        "figures": release.table.height,
        "held": item.held,
        "added": item.added,
        "differences": item.differences.height,
        "missing": item.missing,
    }
    return [head, *({"table": "revision", **row} for row in item.revisions.iter_rows(named=True))]


def _import_sentence(compared: list[tuple[own.Release, own.Comparison]], *, dry_run: bool) -> str:
    parts = []
    for release, item in compared:
        name = f"{release.dataset}/{release.vintage.vintage}"
        if item.held:
            missing = f"; the file lacks {item.missing} of the figures held" if item.missing else ""
            more = f"; {item.added} further figures lie outside the part that is held" if item.added else ""
            same = release.table.height - item.added
            parts.append(f"{name} is already held: {same} figures compared, 0 differences{missing}{more}.")
        else:
            verb = "would add" if dry_run else "added"
            parts.append(f"{name}: {verb} {item.added} figures; {item.revisions.height} revise what is held.")
    return " ".join(parts)


def explained(address: str, folder: Path | None = None) -> Answer:
    """Explain the number at an address, from a run folder or computed again.

    Raises
    ------
    AddressError
        The address names nothing.
    """
    everything = open_evidence()
    findings: Mapping[tuple[str, str], Finding] | None = None
    inputs = None
    if folder:
        findings, inputs = _again(load(folder), address)
        everything = open_evidence().overlaid(inputs.evidence.overlays)
    found = explain(address, findings, everything, inputs)
    rows = [
        {
            "table": "explain",
            **{k: v for k, v in asdict(found).items() if k not in ("inputs", "notes")},
            "notes": list(found.notes),
        }
    ]
    rows += [{"table": "input", **asdict(item)} for item in found.inputs]
    text = f"{found.title}: {found.text} ({found.standing})."
    seen = dict.fromkeys(item.citation for item in found.inputs)
    urls = {item.citation: item.url for item in found.inputs}
    sources = tuple({"citation": citation, "url": urls[citation]} for citation in seen)
    return Answer("explain", tuple(rows), text, sources, meta=base_meta(everything))


def _again(saved: SavedRun, address: str) -> tuple[Mapping[tuple[str, str], Finding], Inputs]:
    """Compute again what an address of a saved run needs; evidence and version must be what they were."""
    inputs = resolve(saved.folder / "scenario" / f"{saved.manifest['name']}.yaml")
    if digest_of(inputs) != saved.manifest["digest"]:
        raise InputError(
            Fault(
                "the run cannot be computed again here: evidence or version is not the same",
                where=str(saved.folder),
                mend="Explain the address without --run, or run the scenario again.",
            )
        )
    where = parse_address(address)
    if isinstance(where, ResultAddress) and where.table in TABLES and inputs.contingencies:
        from article3.gap.analysis import gap  # noqa: PLC0415 - the solver, for those who ask

        made = gap(inputs).findings((where.table,))[0]
        return {(made.name, made.when): made}, inputs
    if isinstance(where, ResultAddress) and where.table in PLAN_TABLES and inputs.contingencies:
        from article3.plan.analysis import plan  # noqa: PLC0415 - the solver, for those who ask

        return {(item.name, item.when): item for item in plan(inputs).findings((where.table,))}, inputs
    if isinstance(where, ResultAddress) and where.table in SHIFT_TABLES and inputs.contingencies:
        from article3.run.shifting import of_address  # noqa: PLC0415 - the solver, for those who ask

        handed = of_address(inputs, where.table, where.keys)
        return {(handed.name, handed.when): handed}, inputs
    # What is left is about pledges and forecasts: gap, plan and shift need not be made for it.
    return run(replace(inputs, contingencies=())).lookup(), inputs


def compare_runs(first: str, second: str) -> Answer:
    """Compare two runs, given as run folders or scenarios.

    Raises
    ------
    InputError
        One of them is neither.
    """
    for name in (first, second):
        if not Path(name).is_dir():
            resolve(name)  # a name that is not known is told before anything is run
    sides = [_side(name) for name in (first, second)]
    return diff(sides[0][0], sides[1][0], (sides[0][1], sides[1][1]))


def _side(name: str) -> tuple[Mapping[str, Any], dict[str, pl.DataFrame]]:
    path = Path(name)
    if path.is_dir():
        saved = load(path)
        return saved.manifest, dict(saved.tables)
    from article3.run.folder import manifest  # noqa: PLC0415

    found = run(name)
    return manifest(found, {}), found.tables()


def quote(address: str) -> Answer:
    """Return a sentence ready to quote, a footnote and the vintage for the number at an address.

    Raises
    ------
    AddressError
        The address names nothing.
    """
    everything = open_evidence()
    found = explain(address, evidence=everything)
    meta = base_meta(everything)
    releases = list(dict.fromkeys(item.release for item in found.inputs))
    cited = list(dict.fromkeys(item.citation for item in found.inputs))
    row = {
        "table": "quote",
        "address": found.address,
        "value": found.value,
        "sentence": f"{found.title}: {found.text}.",
        "footnote": f"{' '.join(cited)} Computed with article3 {meta['article3']}, address {found.address}; "
        f"standing: {found.standing}.",
        "vintage": ", ".join(releases),
        "standing": found.standing,
    }
    return Answer("quote", (row,), f"{row['sentence']} [{row['footnote']}]", meta=meta)


def schema(kind: str) -> dict[str, Any]:
    """Return a JSON Schema: ``scenario``.

    Raises
    ------
    UnknownNameError
        There is no such schema.
    """
    from article3.scenario.schema import json_schema  # noqa: PLC0415

    if kind != "scenario":
        raise UnknownNameError("schema", kind, ["scenario"])
    found: dict[str, Any] = json.loads(json.dumps(json_schema()))
    return found
