"""A small alliance in planning tables: POL, DEU, USA and the tanker fleet, written to a folder of its own."""

from __future__ import annotations

import csv
from pathlib import Path

from article3.evidence.planning import planning_columns, planning_tables

ESTIMATE = {"source_id": "article3-assumption", "standing": "notional", "note": ""}
ELEMENTS = ("brigade_heavy", "brigade_medium", "tanker", "airlift_a400m", "bomber", "mbt", "sam_long", "shells_155mm")
SOURCES = """source_id,producer,title,published,url,licence,citation,standing,note
article3-assumption,article3,Assumptions,2026-07,,,Assumptions of article3.,notional,
study-2025,A study,A study,2025,https://example.org,,"A study, 2025.",reported,
"""
CONTINGENCY = """contingency: mine
title: A small defence
description: For tests.
theatre: baltic
conventional: true
intensity: high
essential: [heavy_manoeuvre]
needs:
  - capability: heavy_manoeuvre
    unit: brigade
    basis: total
    windows: {10: [1, 2, 3], 30: [2, 3, 4]}
    source: study-2025
  - capability: air_refuelling
    unit: aircraft
    basis: total
    windows: {10: [1, 2, 3]}
    source: Own estimate
    standing: yours
    note: As good as any.
  - capability: artillery_ammunition
    unit: round
    basis: rate
    windows: {10: [50, 100, 150], 30: [50, 100, 150]}
    source: study-2025
"""


def _range(low: object, central: object, high: object) -> dict[str, str]:
    return {"low": str(low), "central": str(central), "high": str(high), **ESTIMATE}


class PlanningFolder:
    """Planning tables as rows, to be changed and then written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables: dict[str, list[dict[str, str]]] = {name: [] for name in planning_tables()}
        holdings = {
            ("DEU", "brigade_heavy"): (4, 5, 6),
            ("DEU", "sam_long"): (6, 9, 12),
            ("DEU", "shells_155mm"): (10000, 20000, 40000),
            ("POL", "brigade_heavy"): (5, 6, 7),
            ("POL", "mbt"): (500, 600, 700),
            ("USA", "brigade_heavy"): (9, 10, 11),
            ("USA", "tanker"): (400, 450, 480),
            ("USA", "bomber"): (80, 90, 100),
            ("MMF", "tanker"): (8, 9, 9),
        }
        for (holder, element), figure in holdings.items():
            self.add("holdings", holder=holder, element=element, as_of="2025", basis="assumed", **_range(*figure))
        for element in ELEMENTS:
            for window, share in (("10", 0.2), ("30", 0.5), ("180", 0.9)):
                self.add("availability", element=element, window_days=window, **_range(share - 0.1, share, share + 0.1))
            self.add(
                "costs", element=element, price_year="2025", basis="contract", lot="1", lead_years="3",
                **_range(90, 100.5, 120),
            )  # fmt: skip
            self.add(
                "upkeep", element=element, price_year="2025", personnel="50", life_years="30", entry_usd_m="20",
                **_range(3, 4, 6),
            )  # fmt: skip
            self.line_of(element, f"{element}_home")
        self.line_of("mbt", "mbt_other", origin="other", makers="")
        self.line_of("mbt", "mbt_licence", makers="POL", opens="2029", setup_usd_m="300", licence_of="mbt_other")
        self.add("changes", holder="POL", element="mbt", year="2028", kind="delivery", units="100", **ESTIMATE)
        self.add("changes", holder="POL", element="mbt", year="2030", kind="retirement", units="500", **ESTIMATE)
        self.add(
            "pooling", pool="MMF", title="Tankers together", state="existing", kind="fleet", elements="tanker",
            members="DEU;NLD", located="NLD", entry="0.3", **ESTIMATE,
        )  # fmt: skip
        self.add(
            "pooling", pool="BUY", title="Bought together", state="candidate", kind="purchase",
            elements="mbt;sam_long", members="DEU;POL", entry="0.8", **ESTIMATE,
        )  # fmt: skip
        for subject, value, excludes in (("mbt", "0.9", "false"), ("sea", "0", "true"), ("any", "0.5", "false")):
            self.add("fit", ally="POL", term="geography", subject=subject, value=value, excludes=excludes, **ESTIMATE)
        self.add("retained", holder="default", element="any", **_range(0.25, 0.35, 0.45))
        self.add("offers", version="before_2026", element="tanker", reported_change="", **_range(70, 79, 79))
        self.add("offers", version="after_2026_a", element="tanker", reported_change="79 to 63", **_range(60, 63, 63))
        self.add("offers", version="after_2026_b", element="tanker", reported_change="79 to 0", **_range(0, 0, 0))
        effects = {
            ("brigade_heavy", "heavy_manoeuvre"): 1,
            ("brigade_heavy", "medium_manoeuvre"): 1,
            ("brigade_medium", "heavy_manoeuvre"): 0.5,
            ("brigade_medium", "medium_manoeuvre"): 1,
            ("tanker", "air_refuelling"): 1,
            ("bomber", "strategic_strike"): 1,
            ("mbt", "armour"): 1,
            ("sam_long", "long_range_air_defence"): 1,
            ("shells_155mm", "artillery_ammunition"): 1,
        }
        for (element, capability), worth in effects.items():
            self.add("effects", element=element, capability=capability, **_range(worth, worth, worth))
        self.add("interoperability", group="europe", domain="any", **_range(0.8, 0.9, 1))
        for distance, upper in (("home", "750"), ("near", "1750"), ("far", ""), ("overseas", "")):
            self.add("bands", distance=distance, up_to_km=upper, note="A threshold.")
            for window in ("10", "30", "180"):
                self.add("reach", distance=distance, window_days=window, **_range(0.5, 0.6, 1))
        places = {"DEU": (52.5, 13.4), "POL": (52.2, 21), "USA": (38.9, -77), "MMF": (51.5, 5.4), "baltic": (57, 24)}
        for place, (north, east) in places.items():
            self.add("places", place=place, title=place, lat=str(north), lon=str(east), note="")

    def line_of(self, element: str, line: str, **cells: str) -> None:
        """Add a production line."""
        standard = {
            "title": line, "element": element, "origin": "europe", "makers": "DEU", "growth": "0.1", "times": "2",
            "opens": "2026", "setup_usd_m": "0", "price_year": "2025", "cost_factor": "1", "lead_years": "3",
            "ukraine": "0.2",
        }  # fmt: skip
        self.add("lines", **{"line": line} | standard | _range(1, 2, 4) | cells)

    def add(self, table: str, **cells: str) -> dict[str, str]:
        """Add a row; columns that are not named stay empty."""
        row = {column.column: cells.pop(column.column, "") for column in planning_columns(table)}
        assert not cells, cells
        self.tables[table].append(row)
        return row

    def row(self, table: str, *key: str) -> dict[str, str]:
        """Return a row by its key, to be changed."""
        names = [column.column for column in planning_columns(table) if column.key]
        return next(row for row in self.tables[table] if tuple(row[name] for name in names) == key)

    def line(self, table: str, *key: str) -> str:
        """Return the place of a row, as faults name it."""
        return f"forces/{table}.csv:{self.tables[table].index(self.row(table, *key)) + 2}"

    def write(self) -> Path:
        """Write the tables and the sources."""
        for name, rows in self.tables.items():
            write_table(self.folder / "forces" / f"{name}.csv", rows, name)
        (self.folder / "sources.csv").write_text(SOURCES, encoding="utf-8")
        return self.folder


def write_table(path: Path, rows: list[dict[str, str]], table: str) -> None:
    """Write rows as one planning table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.column for column in planning_columns(table)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
