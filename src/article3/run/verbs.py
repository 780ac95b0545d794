"""One function for each question; every face calls these, so that all give the same answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from article3.compute import Progress
from article3.domain import Pledge, ally, pledge, pledges
from article3.errors import Fault, InputError, NotKnownError
from article3.evidence import own
from article3.evidence.findings import Finding
from article3.evidence.store import Evidence, open_evidence, user_folder
from article3.pledge import claims, counts, decline, ledger, revisions
from article3.pledge.rules import Rules, judged_year
from article3.run.analysis import Run, run
from article3.run.answers import Answer, base_meta, cite, from_findings
from article3.run.diff import diff
from article3.run.explain import explain
from article3.run.folder import SavedRun, load
from article3.scenario.resolve import resolve
from article3.scenario.yamlfile import read_yaml

HEADLINE = ("wales_2014", "hague_2025")
"""Pledges shown where none is named."""


def known(as_of: date | None) -> Evidence:
    """Open the evidence as known on a day, by default on the day of the newest release held.

    Raises
    ------
    NotKnownError
        Nothing had been published by then.
    """
    return open_evidence(as_of or open_evidence().day)


def ask_pledge(
    who: str | None = None,
    name: str | None = None,
    as_of: date | None = None,
    year: int | None = None,
    then: date | None = None,
    rules: Rules | None = None,
    *,
    every_year: bool = False,
    odds: bool = False,
) -> Answer:
    """Answer who keeps a pledge, as known on a date.

    Parameters
    ----------
    who
        An Ally; by default all that are bound.
    name
        A pledge; by default those of Wales and The Hague, and for one Ally all that bind it.
    as_of
        Nothing published later is used.
    year
        Judge this year instead of the deadline or the latest year.
    then
        Compare with what was known on this earlier date.
    rules
        How to count.
    every_year
        Judge every year from the base year on.
    odds
        Add early warning: odds, warning level, step, last safe year.

    Raises
    ------
    UnknownNameError, NotKnownError, InputError
        The Ally or pledge does not exist, does not bind, or nothing was known.
    """
    evidence, rules = known(as_of), rules or Rules()
    code = ally(who).code if who else None
    chosen = _chosen(name, code, evidence)
    findings: list[Finding] = []
    for item in chosen:
        findings += _findings(evidence, item, code, year, rules, every_year=every_year)
        findings += _compared(evidence, item, year, then, rules, alone=name is not None) if then else []
    if odds:
        findings = _with_odds(evidence, chosen, findings, rules, alone=name is not None)
    answer = from_findings("pledge", evidence, findings)
    rows = tuple(row for row in answer.rows if code is None or row.get("ally", code) == code)
    if odds:
        rows = _joined_odds(rows)
    if code:
        text = " ".join(str(_of_ally(finding, code)) for finding in findings if finding.name == "pledge")
        return Answer("pledge", rows, text.strip(), answer.sources, _about(answer.warnings, code), answer.meta)
    return Answer("pledge", rows, answer.sentence, answer.sources, answer.warnings, answer.meta)


def _chosen(name: str | None, code: str | None, evidence: Evidence) -> tuple[Pledge, ...]:
    if name:
        item = pledge(name)
        if evidence.as_of and item.agreed > evidence.as_of:
            raise NotKnownError(
                Fault(
                    f"'{item.id}' was agreed on {item.agreed}, after {evidence.as_of}",
                    mend="Choose a later --as-of.",
                )
            )
        if code and code not in item.parties(evidence.as_of):
            raise InputError(Fault(f"{ally(code).name} is not bound by '{item.id}' on {evidence.as_of}"))
        return (item,)
    made = pledges(evidence.as_of)
    if code:
        return tuple(item for item in made if code in item.parties(evidence.as_of))
    return tuple(item for item in made if item.id in HEADLINE)


def _findings(
    evidence: Evidence,
    item: Pledge,
    code: str | None,
    year: int | None,
    rules: Rules,
    *,
    every_year: bool,
) -> list[Finding]:
    last = judged_year(evidence, item, rules)
    years = (year,) if year else tuple(range(item.base_year, max(last, _latest(evidence)) + 1)) if every_year else None
    status = ledger.status(evidence, item, rules, years)
    if code:
        return [status, *([decline.decline(evidence, item)] if "halt_decline" in item.clauses else [])]
    found = [status]
    if not item.national:
        found.insert(0, counts.count(evidence, item, rules))
    return found


def _compared(
    evidence: Evidence, item: Pledge, year: int | None, then: date, rules: Rules, *, alone: bool
) -> list[Finding]:
    """Compare with an earlier date; a pledge that had no usable release then is refused only if asked for alone."""
    earlier = evidence.known_on(then)
    try:
        shared = min(judged_year(earlier, item, rules), judged_year(evidence, item, rules))
        return [revisions.then_now(earlier, evidence, item, year or shared, rules)]
    except NotKnownError:
        if alone:
            raise
        return []


def _about(warnings: tuple[str, ...], code: str) -> tuple[str, ...]:
    """Return the warnings that concern one Ally: lists of Allies are kept only where it is named."""
    name = ally(code).name
    lists = "read real changes with care"
    return tuple(
        f"{text.split(' for ', maxsplit=1)[0]} for {name}: {lists}." if lists in text else text
        for text in warnings
        if lists not in text or name in text
    )


def _with_odds(
    evidence: Evidence, chosen: tuple[Pledge, ...], findings: list[Finding], rules: Rules, *, alone: bool
) -> list[Finding]:
    """Put early warnings before the ledger; pledges that cannot be forecast are refused only if asked for alone."""
    from article3.pledge import warning  # noqa: PLC0415 - numpy, for those who ask for odds

    made: list[Finding] = []
    refused: NotKnownError | None = None
    for item in chosen:
        try:
            found = warning.early_warning(evidence, item, rules)
        except NotKnownError as error:
            refused = error
            continue
        made += [finding for finding in found if finding.part or finding.name not in {other.name for other in made}]
    if refused and (alone or not made):
        raise refused
    return [*made, *findings]


def _joined_odds(rows: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """Return the rows with odds, warning and last safe year beside each Ally's row of the ledger."""
    warned = {(row["pledge"], row["ally"]): row for row in rows if row["table"] == "warning"}
    names = ("odds", "odds_words", "kind", "odds_random_walk", "odds_with_plan", "warning", "last_safe_year")
    out = []
    for row in rows:
        found = warned.get((row.get("pledge"), row.get("ally"))) if row["table"] == "pledge" else None
        added = {key: found.get(key) for key in names} | {"warning_reason": found["reason"]} if found else {}
        out.append(row | added)
    return tuple(out)


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


def _latest(evidence: Evidence) -> int:
    return int(str(evidence.table("nato")["period"].max()))


def _of_ally(finding: Finding, code: str) -> str:
    rows = [row for row in finding.table.iter_rows(named=True) if row["ally"] == code]
    if not rows:
        return ""
    row = rows[-1]
    title = finding.title.split(":", maxsplit=1)[0] if row["value_pct"] is None else finding.title.rsplit(":", 1)[0]
    if row["value_pct"] is None:
        return f"{finding.title.rsplit(':', 1)[0]}: {row['reason']}."
    word = {True: "met", False: "not met", None: "undecidable"}[row["met"]]
    status = f", {row['status']}" if row["status"] else ""
    value = f"{row['value_pct']:.2f} for {row['year']}{status} (release {row['vintage']})"
    return f"{title}: {row['ally_name']} {value}: {word}."


def check(path: Path | None = None, *, example: bool = False, as_of: date | None = None) -> Answer:
    """Check a file: a scenario, a list of claims, an official file, or a table of the user's own.

    Raises
    ------
    InputError
        The file has faults; all of them are told.
    """
    if example or path is None:
        return _check_claims(claims.EXAMPLE, as_of)
    if path.suffix.lower() in (".yaml", ".yml"):
        if isinstance(read_yaml(path).data, list):
            return _check_claims(path, as_of)
        inputs = resolve(path)
        changed = ", ".join(inputs.changed) or "nothing"
        text = f"The scenario '{inputs.name}' is well formed; changed from baseline: {changed}."
        rows = ({"table": "scenario", "name": inputs.name, "changed": list(inputs.changed)},)
        return Answer("check", rows, text, meta=base_meta(inputs.evidence))
    return import_file(path, dry_run=True, verb="check")


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
    total = sum(evidence.table(dataset).height for dataset in ("nato", "weo"))
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
    findings = None
    if folder:
        again = _rerun(load(folder))
        findings, everything = again.lookup(), open_evidence().overlaid(again.inputs.evidence.overlays)
    found = explain(address, findings, everything)
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


def _rerun(saved: SavedRun) -> Run:
    """Compute a saved run again from its manifest; its evidence must be what it was."""
    name = saved.manifest["name"]
    again = run(saved.folder / "scenario" / f"{name}.yaml")
    if again.digest != saved.manifest["digest"]:
        raise InputError(
            Fault(
                "the run cannot be computed again here: evidence or version is not the same",
                where=str(saved.folder),
                mend="Explain the address without --run, or run the scenario again.",
            )
        )
    return again


def compare_runs(first: str, second: str) -> Answer:
    """Compare two runs, given as run folders or scenarios.

    Raises
    ------
    InputError
        One of them is neither.
    """
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
    from article3.errors import UnknownNameError  # noqa: PLC0415
    from article3.scenario.schema import json_schema  # noqa: PLC0415

    if kind != "scenario":
        raise UnknownNameError("schema", kind, ["scenario"])
    found: dict[str, Any] = json.loads(json.dumps(json_schema()))
    return found
