"""The report as one self-contained page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from article3.evidence.findings import Finding, Sentence, sentence
from article3.report import closing, gap_page, levels, plan_page, sections, shift_page, warned
from article3.report.blocks import Book, Section
from article3.report.compared import then_now_title
from article3.report.markup import sentence_html
from article3.report.words import day, release
from article3.run.analysis import Run

if TYPE_CHECKING:
    from markupsafe import Markup

TEMPLATES: Final = Path(__file__).with_name("templates")
_STYLES: Final = ("report.css", "gap.css", "plan.css", "shift.css")

_ORDER: Final = (
    sections.then_and_now,
    sections.ledger,
    sections.releases,
    sections.hague,
    warned.early,
    warned.skill,
    sections.equipment,
    sections.decline,
    gap_page.gap,
    plan_page.plan,
    shift_page.shift,
    closing.revisions,
    closing.claims,
    closing.further,
    sections.others,
    closing.evidence,
)


@dataclass(frozen=True, slots=True)
class _Lead:
    """What the page leads with."""

    title: Markup
    text: Markup


def page(run: Run) -> bytes:
    """Return the report of a run as one HTML file.

    It loads nothing from anywhere, needs no script, and carries its figures and data in itself. Every number of
    a finding keeps its exact value and its address; same run, same bytes.

    Parameters
    ----------
    run
        The run.
    """
    import jinja2  # noqa: PLC0415 - loads with the page

    from article3 import __version__  # noqa: PLC0415

    book = Book(run)
    made = [section for section in (make(book) for make in _ORDER) if section is not None]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("report.html.j2").render(
        run=run,
        scenario=run.inputs.scenario,
        lead=_lead(book),
        meta=_meta(book),
        says=_says(book),
        silent=_silent(book),
        sections=made,
        version=__version__,
        style="".join((TEMPLATES / name).read_text(encoding="utf-8") for name in _STYLES),
        script=(TEMPLATES / "report.js").read_text(encoding="utf-8"),
    )
    return f"{text.strip()}\n".encode()


def _lead(book: Book) -> _Lead:
    """Return headline and first sentence: who entered or left a count; else the first count; else the first ledger."""
    compared = book.named("then_now")
    if compared:
        return _written(book, then_now_title(compared[0]), compared[0].sentence)
    for ledger in book.named("pledge"):
        count = book.count(ledger)
        if count is not None and count.table["met"].drop_nulls().len():
            return _written(book, levels.count_title(ledger, book.run), count.sentence)
    ledgers = book.named("pledge")
    title = sentence(book.run.inputs.scenario.title)
    return _written(book, title, ledgers[0].sentence if ledgers else sentence(""))


def _written(book: Book, title: Sentence, text: Sentence) -> _Lead:
    return _Lead(sentence_html(title, book.findings), sentence_html(text, book.findings))


def _meta(book: Book) -> list[tuple[str, str]]:
    """Return what stands above the headline: scenario, date, newest release, what was changed."""
    inputs = book.run.inputs
    newest = [vintage for vintage in book.evidence.vintages if vintage.dataset == "nato"]
    as_of = book.evidence.as_of or inputs.scenario.as_of
    found = [("Scenario", inputs.scenario.title), ("As known on", day(as_of))]
    if newest:
        found.append(("Newest figures", f"NATO release of {release(newest[-1].vintage)}"))
    changed = ", ".join(inputs.changed)
    found.append(("Changed from baseline", f"{len(inputs.changed)} ({changed})" if changed else "nothing"))
    return found


def _says(book: Book) -> list[Markup | str]:
    ledger = book.run.inputs.scenario.ledger
    rule = (
        "Counts take the newest figure of each Ally, whatever its release: counts that nobody published."
        if ledger.mixed
        else "Each count stands in one release: the latest that reports "
        f"at least {ledger.min_reporting} Allies for the year."
    )
    found: list[Markup | str] = [
        "Who stood at a pledged level, by NATO's own rule: the figure rounded to two decimals is at the level or above."
    ]
    found.append(rule)
    if book.named("then_now"):
        found.append("What an earlier release said of the same year, and how much of the change GDP explains.")
    if book.named("warning"):
        found.append("How likely Allies are to keep what they pledged, and how good such odds were in the past.")
    return [*found, *(text for text in (gap_page.says(book), plan_page.says(book), shift_page.says(book)) if text)]


def _silent(book: Book) -> list[str]:
    found = ["Not what the money bought: forces and readiness are not measured here."]
    if book.named("attainment"):
        found[0] = (
            "Not what forces can do in truth: real requirements and readiness are classified. The gap rests on "
            "reported and illustrative ones; read its directions and rankings, not its levels."
        )
    if book.named("orders"):
        found.append(
            "Not what any Ally has agreed to: the plan is computed from illustrative prices, lines and holdings; read "
            "which limits bind and who suits what, not one Ally's units."
        )
    if book.named("handover"):
        found.append(
            "Not when US forces will leave: the shift says on which day what could go without a requirement held here "
            "being less covered than today. What no requirement asks for may matter all the same."
        )
    kinds = {kind for finding in book.named("warning") for kind in finding.table["kind"].drop_nulls()}
    if not kinds:
        found[0] += " No forecast is made."
    if "scenario" in kinds:
        found.append(
            "Not what will be: odds are a method's, tested on the past; those more than five years ahead are "
            "scenarios, not forecasts."
        )
    elif kinds:
        found.append("Not what will be: odds are a method's, tested on the past.")
    if any(_broken(finding) for finding in book.named("then_now")):
        found.append(
            "Not whether new spending or a new definition moved an Ally: where the money is not printed twice, the two "
            "cannot be told apart."
        )
    unknown = [
        book.pledges[finding.part].title
        for finding in book.named("pledge")
        if finding.table["value_pct"].drop_nulls().len() == 0
    ]
    if unknown:
        found.append(f"Nothing on {'; '.join(unknown)}: not known, and never called met.")
    if any(finding.standing != "official" for finding in book.run.findings):
        found.append(
            "Figures whose standing is reported were copied from NATO's by others: compare them with NATO's file "
            "before you quote them."
        )
    return found


def _broken(finding: Finding) -> bool:
    return bool(finding.warnings)


__all__ = ["Section", "page"]
