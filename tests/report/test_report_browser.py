"""The page in a browser: nothing leaves, nothing overflows, nothing shuts anybody out, and it prints."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from article3.report import page
from article3.run.analysis import Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = [path for path in ("/usr/bin/chromium", *map(shutil.which, names)) if path and Path(path).exists()]
    return found[0] if found else None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here: install the system's 'chromium' to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def report(baseline: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_bytes(page(baseline))
    return path


@pytest.fixture(scope="module")
def small(tiny: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "report.html"
    path.write_bytes(page(tiny))
    return path


def shown(browser: Browser, path: Path, width: int = 1280, **options: Any) -> Any:
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    tab = context.new_page()
    tab.goto(path.as_uri())
    return tab


def test_no_request_leaves(browser: Browser, report: Path) -> None:
    context = browser.new_context()
    tab = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.goto(report.as_uri())
    tab.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    tab.wait_for_timeout(300)
    context.close()
    assert asked == [report.as_uri()]
    assert faults == []


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(browser: Browser, report: Path, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = shown(browser, report, width)
    found = Axe().run(tab).response["violations"]
    tab.context.close()
    worst = [
        (item["id"], item["nodes"][0]["html"][:200]) for item in found if item["impact"] in ("serious", "critical")
    ]
    assert worst == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_does_not_scroll_sideways(browser: Browser, report: Path, width: int) -> None:
    tab = shown(browser, report, width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.context.close()


def test_a_phone_gets_figures_made_for_it(browser: Browser, report: Path) -> None:
    tab = shown(browser, report, 390)
    narrow = tab.locator("figure svg.narrow").first
    assert narrow.is_visible()
    assert not tab.locator("figure svg.wide").first.is_visible()
    size = narrow.evaluate("node => node.getBoundingClientRect().width / node.viewBox.baseVal.width")
    assert size > 0.9, "text in figures keeps its size"
    tab.context.close()


def test_it_works_without_scripts(browser: Browser, small: Path) -> None:
    tab = shown(browser, small, java_script_enabled=False)
    assert tab.locator("h1").is_visible()
    assert tab.locator("table").first.is_visible()
    assert tab.locator("figure svg.wide").first.is_visible()
    assert tab.locator("table button").count() == 0
    tab.locator("details summary").first.click()
    assert tab.locator("details dl").first.is_visible()
    tab.context.close()


def test_tables_sort_by_the_exact_value(browser: Browser, small: Path) -> None:
    tab = shown(browser, small)
    table = tab.locator("#table-wales-2014 table")
    head = table.locator("thead th").nth(1)
    for order in ("descending", "ascending"):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == order
        texts = table.locator("tbody td:nth-child(2) data").evaluate_all("all => all.map(d => Number(d.value))")
        assert texts == sorted(texts, reverse=order == "descending")
    tab.context.close()


def test_the_keyboard_reaches_tables_and_shows_where_it_is(browser: Browser, small: Path) -> None:
    tab = shown(browser, small, 390)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    for _ in range(40):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.getAttribute('role')") == "region":
            break
    assert tab.evaluate("document.activeElement.getAttribute('role')") == "region"
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.context.close()


def test_it_prints(browser: Browser, report: Path) -> None:
    tab = shown(browser, report)
    pdf = tab.pdf(format="A4", prefer_css_page_size=True)
    tab.emulate_media(media="print")
    assert tab.locator("nav").is_hidden()
    assert tab.locator(".links").first.is_hidden()
    assert tab.locator("ul.sources").is_visible()
    assert tab.locator("figure svg.wide").first.is_visible()
    tab.set_viewport_size({"width": 688, "height": 1000})  # the width of A4 within its margins
    rights = tab.locator("table, svg.wide").evaluate_all("all => all.map(n => n.getBoundingClientRect().right)")
    tab.context.close()
    assert max(rights) <= 689, "nothing runs off the paper"
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 10 <= pages <= 80
