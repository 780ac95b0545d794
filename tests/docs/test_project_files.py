"""Version, licence and citation are the same wherever they stand."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest
import yaml
from docs_pages import ROOT

import article3
from article3.evidence.releases import read_sources, read_vintages
from article3.evidence.store import SHIPPED


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT: dict[str, Any] = tomllib.loads(read("pyproject.toml"))["project"]
CITATION: dict[str, Any] = yaml.safe_load(read("CITATION.cff"))


def test_the_version_is_one() -> None:
    assert article3.__version__ == PROJECT["version"] == CITATION["version"]
    assert f"## [{article3.__version__}]" in read("CHANGELOG.md")


def test_the_citation_is_complete() -> None:
    """The keys that the Citation File Format 1.2.0 requires, and types it allows."""
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] in {"software", "dataset"}
    assert CITATION["title"]
    assert CITATION["message"]
    assert CITATION["authors"] == [{"name": PROJECT["authors"][0]["name"]}]
    assert CITATION["license"] == PROJECT["license"]
    assert isinstance(CITATION["date-released"], date)
    known = {
        *("abstract", "authors", "cff-version", "date-released", "keywords", "license", "message", "references"),
        *("title", "type", "version"),
    }
    assert set(CITATION) <= known


def test_the_method_cited_is_cited_everywhere_alike() -> None:
    titles = [item["title"] for item in CITATION["references"]]
    text = read("docs/methods/revisions.md")
    assert titles
    assert all(title in text for title in titles)


@pytest.mark.parametrize("name", ["README.md", "DATA-LICENCES.md"])
def test_the_licence_is_named(name: str) -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert "Apache License 2.0 ([LICENSE](LICENSE))" in read(name)
    assert "Apache License" in read("LICENSE")


def test_the_data_licences_name_every_producer() -> None:
    text = read("DATA-LICENCES.md")
    for producer in {source.producer for source in read_sources(SHIPPED).values()}:
        assert producer in text, producer


def test_the_changelog_names_every_vintage_of_nato() -> None:
    """Data change apart from code: a new vintage is an entry of its own."""
    text = read("CHANGELOG.md").split("## Data vintages")[1]
    held = [item.vintage for item in read_vintages(SHIPPED) if item.dataset == "nato"]
    assert [name for name in held if f"`{name}`" not in text] == []
