"""Compile who holds what: public counts where there are any, stated rules where there are none.

    python tools/compile_holdings.py FOLDER [--out FOLDER]

FOLDER holds the collected counts, each row with its source. Most rules are lines of ``RULES``, ``SPLITS`` and
``RATES``; brigades and fighters have functions. A rule that asks for a count that is not there fails. ``fixed`` numbers
of ours are *recalled*, without a source: they divide a published total, or stand as ``assumed``. Rows that rest on
GlobalFirepower go to ``forces_gfp``, which can be deleted; all others to ``forces``. Same input, same bytes. How far to
trust each element: ``docs/methods/holdings.md``.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from article3.domain import allies, force_elements
from article3.evidence.store import SHIPPED

Amounts = dict[str, float]

WIDTHS: Final = {
    "full": (0.9, 1.0),  # counted, and no longer made
    "sure": (0.9, 1.1),  # a count of a named study or of the press
    "fair": (0.7, 1.3),  # a count by a method that is not told
    "old": (0.6, 1.5),  # counts of 2014, and totals divided by a key
    "grown": (0.9, 1.25),  # more has been delivered since
    "worn": (0.5, 1.1),  # much has been fired or given away since
    "open": (0.5, 2.0),  # nothing public
}
STANDING: Final = {"count": "reported", "sum": "estimated", "split": "estimated", "assumed": "notional"}
OURS, SIPRI, TYPES, GFP = "article3-assumption", "sipri-transfers-2026", "rdmc-2014", "gfp-2025"
SHORT: Final = {"ours": OURS, "sipri": SIPRI, "types": TYPES, "gfp": GFP, "csis": "csis-enablers-2023"}
AS_OF: Final = {  # the date the counts describe, where it is not the year in the name of the source
    OURS: "2025", SIPRI: "2024", "mmf-2024": "2024-06", "kiel-2024": "2021", "kiel-2030": "2023",
    "csis-intercept-2025": "2024", "rusi-strike-2026": "2022",
}  # fmt: skip
HEADER: Final = (
    "holder", "element", "low", "central", "high", "as_of", "basis", "key", "source_id", "standing", "note",
)  # fmt: skip
NOT_EUROPE: Final = ("CAN", "USA")

# One line for a rule, notes on the next: element | basis | source | width | counts | low and high of some | note.
# Counts are sums of terms. said: a study or the press; types: the file of 2014; sipri: deliveries 1995-2024; gfp:
# GlobalFirepower (steady: the lower of two editions that differ threefold); made: output and stocks. A term ends with
# the Allies and types it picks, or with "!" leaves out; ">" gives it to another. Türkiye's S-400 stands nowhere: it is
# not integrated. What is ordered or given away is no holding.
RULES: Final = """
mbt | count | gfp | fair | gfp:mbt:CAN | |
mbt | assumed | ours | fair | fixed:USA 2600 | USA 1400 4000 | About 16 armoured brigades at 87 tanks, and stored ones.
ifv | sum | types | old | types:ifv:!NLD YPR,!CZE BMP-1,!SVK BMP-1 - 0.5*types:ifv:BGR BMP-1,GRC BMP-1,POL BMP-1 | |
   Types of 2014, the newest public ones. BMP-1 count half; those of CZE and SVK, and Dutch YPR, are left out.
ifv | assumed | ours | fair | fixed:EST 44 LTU 89 USA 2800 | | Bought after 2014 (EST, LTU); Bradley (USA).
ifv | sum | types | old | types:apc:CAN LAV-III | | LAV III, listed among carriers; most have a 25 mm cannon.
artillery | sum | gfp | old | 0.75*steady:artillery_sp:!ALB,!DEU + 0.35*steady:artillery_towed:!ALB,!DEU | |
  Self-propelled pieces count .75, towed ones .35 (assumed): the rest is stored or reserve.
artillery | count | kiel-2024 | sure | said:artillery:24H-KIEL:DEU | | All howitzers, in 2021.
artillery | sum | types | old | types:artillery_towed:BEL | | GlobalFirepower shows no gun at all.
artillery | sum | gfp-2022 | fair | 0.35*gfp-2022:artillery_towed:CAN | CAN 30 163 |
  The edition of 2025 shows no gun at all, which is not reported, not zero. Towed pieces count .35. High: all.
rocket_artillery | sum | sipri | sure | sipri:HIMARS/MLRS/Chunmoo:POL HIMARS,POL K-239,ROU HIMARS,DNK PULS,NLD PULS | |
rocket_artillery | sum | types | old | types:mlrs:FIN M270,GRC MLRS,ITA MLRS | | M270; unguided launchers left out.
rocket_artillery | sum | types | old | types:mlrs:TUR MLRS,TUR TR-300 | TUR 12 93 | M270 (low), and TR-300.
rocket_artillery | assumed | ours | sure | fixed:EST 6 | | HIMARS of 2025; those of LVA and LTU were not there yet.
rocket_artillery | count | gfp | fair | gfp:mlrs:DEU,FRA,GBR,USA | | Armies without unguided launchers.
attack_helicopter | sum | sipri | sure | sipri:AH-64/attack helo:GBR AH-64E,CZE AH-1Z,TUR T-129B,TUR AH-1W |
  TUR 60 111 | Delivered; older Turkish AH-1 in the high end only.
attack_helicopter | sum | types | sure | types:attack_helicopter:NLD,GRC | | AH-64, rebuilt since and still flown.
attack_helicopter | sum | types | old | types:attack_helicopter:POL | POL 10 28 | Mi-24, some given to Ukraine.
attack_helicopter | count | gfp | fair | gfp:attack_helicopter:BGR,DEU,ESP,FRA,HUN,ITA,USA | |
transport_helicopter | sum | types | old | types:heavy_transport_helicopter:!FRA,!CAN | DEU 49 82 |
  CH-47 and CH-53 of 2014. The French EC725 is not of the class.
transport_helicopter | assumed | ours | fair | fixed:CAN 15 TUR 10 USA 600 | | CH-47, and CH-53 (USA); since 2014.
fighter_5th | count | rusi-ukair-2024 | sure | said:combat_aircraft_5gen:RUSI-UKAIR-2024:GBR | GBR 31 48 | 48 by 2025.
fighter_5th | assumed | ours | sure | fixed:USA 800 | | F-35 and F-22.
fighter_4th | count | rusi-ew-2024 | sure | said:combat_aircraft_4gen:RUSI-EW-2024:GBR | | Typhoon of tranches 2 and 3.
fighter_4th | count | gfp | fair | gfp:combat_aircraft_fighter:CAN | | F/A-18.
fighter_4th | assumed | ours | fair | fixed:USA 1800 | | F-15, F-16, F/A-18, reserves with them.
bomber | assumed | ours | sure | fixed:USA 140 | | B-1, B-2, B-52, nuclear tasks with them. No European holder.
tanker | count | mmf-2024 | sure | pool:Multinational MRTT:MMF | MMF 8 10 | Ten by 2026, twelve ordered.
tanker | count | csis | full | said:tanker:CSIS-ENABLERS:GBR | | Voyager; some fly for an airline until called.
tanker | assumed | ours | open | fixed:FRA 12 | FRA 5 15 |
  A330 MRTT: five counted in 2023 (low), fifteen ordered (high); as delivered until 2025, recalled. C-135FR left out.
tanker | count | sipri | full | sipri:tanker:ITA KC-767 | | KC-767.
tanker | count | types | sure | types:tanker:TUR KC-135 | | KC-135R.
tanker | assumed | ours | open | fixed:ESP 2 | ESP 0 3 | Second-hand A330, converted one by one.
tanker | count | types | old | types:tanker:CAN A310 | CAN 0 5 | CC-150, leaving; A330 follow.
tanker | count | csis | sure | fixed:USA 450 | | Reserves with them; a wider class than the European rows.
airlift_strategic | count | csis | full | said:heavy_transport:CSIS-ENABLERS/C-17:GBR,EUR>SAC
  - said:heavy_transport:CSIS-ENABLERS/C-17:GBR>SAC | | C-17.
airlift_strategic | count | sipri | full | sipri:C-17/A400M/An-124:CAN C-17 | | C-17.
airlift_strategic | assumed | ours | sure | fixed:USA 274 | | 222 C-17 and 52 C-5, reserves with them.
airlift_a400m | count | sipri | full | sipri:C-17/A400M/An-124:BEL A-400M,LUX A-400M,TUR A-400M | |
airlift_tactical | count | sipri | sure | sipri:C-130/C-390/C-27:CAN C-130J | | C-130J.
airlift_tactical | assumed | ours | fair | fixed:USA 400 | | C-130, reserves with them.
aew | count | csis | full | said:aew:CSIS-ENABLERS:NATO>AEW | | E-3A; still 14 in November 2025.
aew | count | types | full | types:aew:FRA | | E-3F and E-2C.
aew | count | sipri | full | sipri:AEW:GRC Erieye,TUR B-737 | |
aew | count | csis | sure | fixed:USA 120 | | Printed as over 120; most fly from carriers.
mpa | count | sipri | sure | sipri:P-8/MPA:GBR P-8A,NOR P-8A,PRT P-3C | |
  P-8A; P-3C in PRT. A paper of 2024 prints five for GBR and eight for NOR: delivered are nine and five.
mpa | assumed | ours | fair | fixed:DEU 5 FRA 18 GRC 2 TUR 10 | DEU 3 8, GRC 0 4 |
  Atlantique 2 (FRA), P-8A after P-3C (DEU), ATR 72 and CN-235 with torpedoes (TUR), P-3B (GRC).
mpa | assumed | ours | sure | fixed:CAN 14 USA 120 | | CP-140 (CAN), P-8A (USA).
isr_uav | count | sipri | fair | sipri:MALE/HALE UAV:NATO>AGS RQ-4,ALB Bayraktar,BEL MQ-9,DEU Heron-TP,ESP MQ-9,
  FRA MQ-9,GBR MQ-9,GRC Heron,ITA MQ-9,NLD MQ-9,POL Bayraktar,POL MQ-9,ROU Bayraktar | AGS 5 5 |
  Delivered to 2024, losses not known; leased Heron, Harfang and tactical drones left out.
isr_uav | count | csis | fair | fixed:USA 900 | | Printed as over 900, all services.
isr_crewed | count | csis | sure | fixed:USA 150 | |
satellite | count | csis-defend-2025 | sure | said:military_satellites:CSIS-DEFEND-2025:USA | |
satellite | assumed | ours | open | fixed:CAN 3 | | Radarsat, which serves others too.
carrier | count | csis-battle-2025 | full | said:carrier:CSIS-BATTLE:FRA,GBR,USA | |
carrier | sum | csis-battle-2025 | sure | said:carrier:CSIS-BATTLE:ITA,ESP,TUR - fixed:ITA 1 ESP 1 TUR 1 |
  ITA 1 2, ESP 0 1, TUR 0 1 | Published (high) less one ship that by our definition is amphibious, and counted there.
amphibious | sum | types | fair | types:amphibious_principal:!FRA Foudre,!GBR Albion,!GBR Ocean,!GBR Invincible
  + fixed:ITA 1 TUR 1 | |
  Ships of 2014 less those withdrawn; with the published carriers that are amphibious ships (ITA, TUR; ESP had it).
amphibious | assumed | ours | sure | fixed:USA 32 | |
destroyer | sum | types | fair | types:destroyer:DEU Sachsen,ESP Alvaro,FRA Forbin,FRA Cassard,GBR Daring,
  ITA Andrea Doria,NLD Zeven | | Area air defence, about 6,000 t. The two Cassard stand for what replaced them.
destroyer | assumed | ours | sure | fixed:DNK 3 | DNK 3 3 | Iver Huitfeldt class; the file of 2014 shows one.
destroyer | count | gfp | sure | gfp:destroyer:USA | |
frigate | sum | gfp | fair | gfp:frigate: + gfp:destroyer:!USA - fixed:DNK 3 - types:destroyer:DEU Sachsen,ESP Alvaro,
  FRA Forbin,FRA Cassard,GBR Daring,ITA Andrea Doria,NLD Zeven | | As printed less our destroyers; light ones with them.
ssn | sum | gfp | fair | gfp:submarine:FRA,GBR - fixed:FRA 4 GBR 4 | | Less four each with ballistic missiles.
ssn | assumed | ours | sure | fixed:USA 53 | | Attack and cruise-missile boats; many in yards.
ssk | count | gfp | fair | gfp:submarine:!FRA,!GBR,!USA | |
mcm | sum | types | old | types:mcm:!ALB,!DEU Seehund,!GBR Sandown,!SWE Sam,!TUR Silifke,!TUR Foca,!POL Project
  - fixed:TUR 8 | CAN 4 12 | Ships of 2014 less drones, and less classes withdrawn since (recalled).
mcm | count | gfp | fair | gfp:mcm:USA | |
sam_long | sum | press-patriot-de-2025 | sure | said:long_range_sam_batteries:WP-PATRIOT-DE:DEU
  - fixed:DEU 2 | DEU 6 9 | Patriot: nine after three transfers (high); two more followed in 2025.
sam_long | count | press-patriot-es-2024 | fair | said:long_range_sam_batteries:ELPAIS:ESP | ESP 2 3 | Patriot.
sam_long | count | press-patriot-gr-2024 | fair | said:long_range_sam_batteries:PRONEWS:GRC | GRC 4 6 | Patriot.
sam_long | count | rusi-dutchair-2024 | fair | said:long_range_sam_batteries:RUSI-DUTCHAIR:NLD | NLD 2 3 |
  Patriot, before parts were given to Ukraine.
sam_long | count | press-patriot-pl-2024 | sure | said:long_range_sam_batteries:WP-PATRIOT-PL:POL | | Patriot.
sam_long | count | sipri | full | sipri:Patriot_system:SWE | | Patriot.
sam_long | sum | sipri | sure | sipri:Patriot_system:ROU - said:long_range_sam_batteries_donated:POLITICO:ROU | |
  Patriot: four delivered, one given to Ukraine.
sam_long | count | csis-defend-2025 | sure | fixed:FRA 5 ITA 5 | FRA 4 8, ITA 3 5 |
  SAMP/T: five apiece as printed; recalled were eight (FRA) and five with one or two given to Ukraine (ITA).
sam_long | assumed | ours | sure | fixed:GBR 0 | | A finding: no long-range land system.
sam_long | assumed | ours | fair | fixed:USA 68 | | Patriot 60, THAAD 8.
sam_medium | count | sipri | fair | sipri:NASAMS:ESP,FIN,HUN,LTU,NLD,USA | ESP 1 4, FIN 3 12, HUN 2 7 |
  NASAMS systems in the register. Where these are launchers or fire units of one battery, the low end is right.
sam_medium | assumed | ours | open | fixed:DEU 2 FRA 3 GBR 4 ITA 4 NOR 4 POL 2 SWE 2 TUR 8 | | Not public; 29 in all.
sam_short | assumed | ours | open | fixed:USA 40 | | No public count.
cruise_missile | count | press-taurus-2025 | sure | made:Taurus KEPD 350:DEU | DEU 300 600 | Taurus; low: usable ones.
cruise_missile | count | sipri | full | sipri:JASSM/Storm Shadow/Tomahawk:GRC Storm,ITA Storm,POL AGM-158,FIN AGM-158 |
  | Delivered; use and transfers not known.
cruise_missile | assumed | ours | fair | fixed:USA 8000 | | Tomahawk, JASSM, AGM-86; use since 2023 not known.
interceptor_long | sum | sipri | open | 0.5*sipri:Patriot missile:DEU,ESP,GRC,NLD
  + 0.5*sipri:Patriot missile:DEU MIM-104 PAC-3 MSE | DEU 231 872 |
  Patriot missiles delivered since 1995; those before 2015 count half: aged, fired or given away. High: all.
interceptor_long | sum | sipri | full | sipri:Patriot missile:POL,ROU,SWE | ROU 75 150 | Delivered since 2015.
interceptor_long | assumed | ours | open | fixed:FRA 200 ITA 200 | | 40 Aster 30 for each of five batteries.
interceptor_long | sum | csis-intercept-2025 | old | 10*made:PAC-3 MSE procurement:USA | |
  PAC-3 MSE bought in ten years at 270 a year; older missiles and use left out.
heavy_transporter | assumed | ours | open | fixed:CAN 35 | | No public count.
shells_155mm | assumed | ours | open | 24*made:155mm projectiles:USA | | Two years of US output at 40,000 a month.
cyber_team | assumed | ours | fair | fixed:USA 133 | | Cyber mission force.
corps_hq | assumed | ours | open | fixed:DEU 1 ESP 1 FRA 1 GBR 1 GRC 1 ITA 1 POL 1 TUR 2 USA 4 | USA 3 4 |
  With some corps troops; nine in Europe. A leak of 2024 calls six a sufficient level, which is no count.
division_hq | assumed | ours | open | fixed:DEU 2 DNK 1 ESP 2 EST 1 FRA 2 GBR 2 GRC 4 HUN 1 ITA 2 POL 4 ROU 2 TUR 6
  USA 10 | USA 8 12 | Multinational ones with their host; 29 in Europe. A leak calls 24 a level, which is no count.
"""

# element | source | width | total | less what these hold | key | high: the key's number, or a greater | in words | note
SPLITS: Final = """
mbt | kiel-2030 | old | fixed:EUR 1627 | | types:mbt:BGR T-72,DNK Leopard 2,ESP Leopard 2,FIN Leopard 2,FRA Leclerc,
  GBR Challenger,GRC Leopard 2,HRV M-84,ITA C1 Ariete,NOR Leopard 2,POL Leopard 2,PRT Leopard 2A6,ROU TR-85 M1,
  SVK T-72M,SVN M-84,SWE Leopard 2,TUR Leopard 2,TUR M60A1 + sipri:Leopard/K2/M1/tank:CZE Leopard-2,FIN Leopard-2A6,
  HUN Leopard-2,NLD Leopard-2A6,POL Leopard-2A5,POL M-1A,SVK Leopard-2A4 + said:mbt:IMI-DE-MBT:DEU
  + said:mbt:SPIDER-K2:POL + fixed:CZE 30 | key |
  1,627 in Europe (2023), by fleets of first-line types: 2014, later deliveries, press (DEU, POL), recalled (CZE). |
  The study's count names neither its states nor tanks in store. High: the whole fleet of those types.
fighter_5th | csis-defend-2025 | sure | said:combat_aircraft_5gen:CSIS-DEFEND-2025:EUR | GBR |
  sipri:F-35:BEL,DNK,ITA,NLD,NOR,POL | NLD 49 NOR 52 | 158 F-35 of Europe less British ones, by deliveries to 2024. |
  The count is of late 2024. High: all delivered by 2024; for NLD and NOR later counts, of 2025.
airlift_a400m | csis | grown | said:heavy_transport:CSIS-ENABLERS/A400M:EUR | BEL LUX TUR |
  fixed:DEU 40 FRA 20 GBR 21 ESP 13 | | 107 of seven Allies in 2023 less those delivered to three, by recalled fleets. |
  59 more were on order in 2023.
airlift_tactical | csis | old | said:medium_transport:CSIS-ENABLERS:EUR | | fixed:BGR 3 DEU 6 DNK 4 FRA 18 GRC 20 HUN 1
  ITA 31 LTU 3 NLD 4 NOR 4 POL 5 PRT 7 ROU 12 SVK 2 SVN 2 SWE 5 TUR 35 | key |
  About 125 in Europe (2023), by recalled fleets of C-130, C-390, C-27 and C-160. |
  The total of 2023 still held British C-130, since withdrawn. High: the whole fleet of those types.
aew | csis | sure | said:aew:CSIS-ENABLERS:EUR | FRA GRC TUR | fixed:ITA 2 POL 2 SWE 2 | |
  21 national aircraft in 2023 less those of FRA, GRC and TUR, by recalled fleets. | The source names the Italian type.
isr_uav | csis | old | said:uav_isr:CSIS-ENABLERS:EUR | ALB AGS BEL DEU ESP FRA GBR GRC ITA NLD POL ROU | fixed:TUR 1 |
  | About 200 in Europe (2023) less those delivered to all others. | Made at home: no register counts them.
isr_crewed | csis | old | said:isr_aircraft:CSIS-ENABLERS:EUR | |
  fixed:GBR 11 TUR 7 FRA 6 ITA 6 ESP 2 SWE 2 FIN 1 NOR 1 | |
  Roughly three dozen in Europe (2023), taken as 36, by recalled fleets. | Three British RC-135 are the largest.
satellite | csis-defend-2025 | old | said:military_satellites:CSIS-DEFEND-2025:EUR | |
  fixed:FRA 15 ITA 10 DEU 8 GBR 7 ESP 4 TUR 3 LUX 1 NOR 1 | | 49 of European Allies, by recalled fleets. |
cruise_missile | rusi-strike-2026 | worn | made:conventional cruise missiles:EUR | DEU GRC ITA POL |
  fixed:GBR 850 FRA 650 TUR 400 ESP 43 | | 3,000 of European Allies in 2022 less those counted, by recalled stocks. |
  Before what was fired since and given to Ukraine. Finland, which joined in 2023, comes on top of the total.
"""

# element | units | for so many | of what | at least one from | not for | in words
RATES: Final = """
sam_short | 1 | 17 | personnel | | CAN USA | One for 17,000 military personnel (NATO, 2024)
medical_unit | 1 | 25 | personnel | 5 | | One for 25,000 military personnel (NATO, 2024)
sof | 1 | 20 | personnel | 5 | | One for 20,000 military personnel (NATO, 2024)
cyber_team | 1 | 150000 | gdp | 0 | USA | One for 150 thousand million US$ of GDP (NATO, 2024)
engineer_unit | 1 | 2 | brigades | 1 | | One for two brigades of ours
heavy_transporter | 1 | 2 | tanks | | CAN | One for two main battle tanks of ours
shells_155mm | 1000 | 2 | personnel | | ALB LUX MKD MNE USA |
  About a year of European output: one for two military personnel (NATO, 2024)
"""

# type, as printed | recalled fleets, which divide its published total; British Typhoons are counted
FIGHTERS: Final = """
F-16 | TUR 243 GRC 153 BEL 50 POL 48 DNK 33 ROU 29 PRT 28 SVK 10
Eurofighter Typhoon | DEU 138 ITA 95 ESP 70
Mirage (all) | FRA 233 GRC 42 HRV 10
Gripen | SWE 99 CZE 14 HUN 14
F/A-18 | ESP 84 FIN 61
"""
OTHER_FIGHTERS: Final = "DEU 88 ITA 73 TUR 48 GRC 33 POL 32 BGR 14 ESP 13"


def amounts(text: str) -> Amounts:
    """Return a written table such as ``"FRA 7 GRC 4"``."""
    words = text.split()
    return {code: float(number) for code, number in zip(words[::2], words[1::2], strict=True)}


def rules(text: str) -> Iterator[list[str]]:
    """Yield the cells of each rule; an indented line goes on with the one before."""
    for line in re.sub(r"\n  +", " ", text.strip()).splitlines():
        yield [cell.strip() for cell in line.split("|")]


def shared_out(total: float, key: Mapping[str, float]) -> Amounts:
    """Divide a total by a key into whole numbers that sum to it (largest remainders)."""
    exact = {code: total * weight / sum(key.values()) for code, weight in key.items()}
    found = {code: float(math.floor(share)) for code, share in exact.items()}
    left = round(total - sum(found.values()))
    for code in sorted(exact, key=lambda code: (found[code] - exact[code], code))[:left]:
        found[code] += 1
    return found


def half_up(value: float) -> int:
    """Return the nearest whole number, halves upwards."""
    return math.floor(value + 0.5)


def written(value: float, whole: bool) -> str:
    """Write a number: whole where units were counted or there are ten of them, else with one decimal."""
    return str(half_up(value)) if whole or value >= 10 else f"{round(value, 1):g}"


def plus(*parts: Mapping[str, float]) -> Amounts:
    """Return the sum of several tables."""
    total: Amounts = defaultdict(float)
    for part in parts:
        for code, number in part.items():
            total[code] += number
    return dict(total)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


class Evidence:
    """What the collected files say."""

    def __init__(self, folder: Path) -> None:
        # The hobbyists' list of airframes is share-alike, and counts what has long been retired.
        rows = read(folder / "inventories.csv")
        self.inventories = [row for row in rows if not row["source"].startswith("PLANE-ALERT")]
        names = ("assumed_holdings", "pools", "key_system_deliveries", "production")
        self.recalled, self.pools, self.deliveries, self.production = (read(folder / f"{name}.csv") for name in names)

    def counts(self, text: str) -> Amounts:
        """Return a sum of terms such as ``types:mbt:FRA Leclerc - 0.5*fixed:FRA 4``."""
        parts = re.split(r"\s+([+-])\s+", text)
        signs = [1.0, *(1.0 if sign == "+" else -1.0 for sign in parts[1::2])]
        total = amounts("")
        for sign, part in zip(signs, parts[::2], strict=True):
            factor, term = part.split("*", 1) if "*" in part else ("1", part)
            total = plus(total, {code: sign * float(factor) * n for code, n in self.term(term).items()})
        return total

    def term(self, text: str) -> Amounts:
        """Return one term, and fail where it picks a count that is not there."""
        where, rest = text.split(":", 1)
        if where == "fixed":
            return amounts(rest)
        if where == "steady":
            new, old = (self.term(f"{edition}:{rest}") for edition in ("gfp", "gfp-2022"))
            return {code: old[code] if 0 < old.get(code, 0) < number / 3 else number for code, number in new.items()}
        name, chosen = rest.rsplit(":", 1)
        picks = [pick.strip() for pick in chosen.split(",") if pick.strip()]
        if where == "made":
            return {picks[0]: next(float(row["quantity"]) for row in self.production if row["item"].endswith(name))}
        if where == "pool":
            rows = [row for row in self.pools if row["pool"].startswith(name) and "delivered" in row["unit"]]
            return {picks[0]: max(float(row["quantity"]) for row in rows)}
        return self._picked(self._rows(where, name), picks, text)

    def _rows(self, where: str, name: str) -> Iterator[tuple[str, float]]:
        """Yield what the rows of one kind count, by ``"CODE type"``."""
        if where == "sipri":
            for row in self.deliveries:
                if row["group"] == name:
                    yield f"{row['iso3']} {row['designation']}", float(row["delivered_1995_2024"])
            return
        begins, kind = {"types": "rDMC", "gfp": "GFP2025", "gfp-2022": "GFP2022"}.get(where, ""), ""
        if where == "said":
            name, begins = name.split(":")
            begins, _, kind = begins.partition("/")
        for row in self.inventories:
            if row["category"] == name and row["source"].startswith(begins) and row["type"].startswith(kind):
                yield f"{row['iso3']} {row['type']}", float(row["quantity"])

    @staticmethod
    def _picked(rows: Iterable[tuple[str, float]], picks: Collection[str], text: str) -> Amounts:
        """Return counts above zero by holder: a zero may mean that nothing was reported."""
        given = {re.sub(">[A-Z]+", "", pick): pick for pick in picks if not pick.startswith("!")}
        out = tuple(pick[1:] for pick in picks if pick.startswith("!"))
        found: Amounts = defaultdict(float)
        used = set()
        for name, number in rows:
            pick = next((pick for pick in given if name.startswith(pick)), None)
            if number <= 0 or name.startswith(out) or (given and pick is None):
                continue
            used.add(pick)
            moved = re.search(">([A-Z]+)", given.get(pick or "", ""))
            found[moved[1] if moved else name[:4].strip()] += number
        if missing := [pick for pick in given if pick not in used]:
            message = f"nothing found for {', '.join(missing)} in {text}"
            raise LookupError(message)
        return dict(found)

    def nato(self, measure: str) -> Amounts:
        """Return a figure for 2024 of every Ally with forces, from NATO's release of June 2024 as shipped."""
        codes = {ally.code for ally in allies() if ally.has_forces}
        rows = [row for row in read(SHIPPED / "nato" / "2024-06-17.csv") if row["measure"] == measure]
        return {row["ally"]: float(row["value"]) for row in rows if row["period"] == "2024" and row["ally"] in codes}


class Holdings:
    """The table as it grows; a holder and element written twice is a mistake in the rules."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.rows: dict[tuple[str, str], dict[str, str]] = {}

    def add(
        self,
        element: str,
        held: Mapping[str, float],
        how: tuple[str, str, str | tuple[float, float]],
        key: str = "",
        note: str = "",
        ends: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        """Write one row for each holder: ``how`` is basis, source and width; ``ends`` low and high of some."""
        basis, source, width = how
        source = SHORT.get(source, source)
        narrow, wide = WIDTHS[width] if isinstance(width, str) else width
        whole, as_of = basis in ("count", "sum"), AS_OF.get(source, source[-4:])
        for code, central in held.items():
            if (element, code) in self.rows:
                message = f"{code} {element} stands twice"
                raise ValueError(message)
            low, high = (ends or {}).get(code, (central * narrow, central * wide))
            numbers = (written(low, whole), written(central, whole), written(high, whole))
            cells = (code, element, *numbers, as_of, basis, key, source, STANDING[basis], note)
            self.rows[element, code] = dict(zip(HEADER, cells, strict=True))

    def central(self, *elements: str) -> Amounts:
        """Return the central counts written so far for some elements, summed."""
        return plus(*({code: float(row["central"])} for (name, code), row in self.rows.items() if name in elements))

    def text(self, separable: bool) -> str:
        """Return one of the two files: what rests on GlobalFirepower, or the rest."""
        order = {element.id: place for place, element in enumerate(force_elements())}
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, HEADER, lineterminator="\n")
        writer.writeheader()
        for element, code in sorted(self.rows, key=lambda name: (order[name[0]], name[1])):
            row = self.rows[element, code]
            if row["source_id"].startswith("gfp-") == separable:
                writer.writerow(row)
        return out.getvalue()


def brigades(table: Holdings) -> None:
    """Brigades by kind as recalled; Germany's eight from the press. Never scaled to a published level."""
    surely = {"high": (0.8, 1.2), "medium-high": (0.8, 1.2), "medium": (0.7, 1.3), "low": (0.4, 1.2)}
    recalled = [row for row in table.evidence.recalled if row["topic"] == "brigades"]
    sure = {row["ally_iso3"]: row["confidence"] for row in recalled if row["item"] == "manoeuvre brigades total"}
    germany = table.evidence.counts("said:brigades:HARICI-DE:DEU")["DEU"]
    split = shared_out(germany, amounts("heavy 4 medium 1 light 3"))
    for kind, number in split.items():
        for row in recalled:
            if row["item"] == kind and float(row["value"]):
                confidence = sure[row["ally_iso3"]]
                key = f"Recalled, with {confidence} confidence in the total of the Ally."
                note = "Many may be cadres: the low end is wide." if confidence == "low" else ""
                how = ("assumed", OURS, surely[confidence])
                table.add(f"brigade_{kind}", {row["ally_iso3"]: float(row["value"])}, how, key, note)
        key = f"{germany:g} combat brigades (press, 2025); recalled are 4 heavy, 1 medium and 3 light."
        how = ("split", "press-brigades-de-2025", surely["high"])
        table.add(f"brigade_{kind}", {"DEU": number}, how, key, "A ninth, for Lithuania, forms until 2027.")


def lines(table: Holdings) -> None:
    """Write what the lines of ``RULES`` and ``SPLITS`` say."""
    for element, basis, source, width, counts, ends, note in rules(RULES):
        bounds = {end.split()[0]: (float(end.split()[1]), float(end.split()[2])) for end in ends.split(",") if end}
        key = "Recalled." if "fixed" in counts and source == "ours" else ""
        table.add(element, table.evidence.counts(counts), (basis, source, width), key, note, bounds)
    for element, source, width, total, less, by, high, key, note in rules(SPLITS):
        whole = sum(table.evidence.counts(total).values())
        before = table.central(element)
        weights = table.evidence.counts(by)
        held = shared_out(whole - sum(before[code] for code in less.split()), weights)
        more = amounts(high.removeprefix("key"))
        tops = {code: max(held[code], weights[code], more.get(code, 0)) for code in held}
        bounds = {code: (WIDTHS[width][0] * held[code], top) for code, top in tops.items()} if high else {}
        table.add(element, held, ("split", source, width), key, note, bounds)


def fighters(table: Holdings) -> None:
    """Divide what 2,046 European fighters leave beside the F-35 by type, and each type by recalled fleets."""
    counts = table.evidence.counts
    everything = counts("said:combat_aircraft:CSIS-DEFEND-2025:EUR")["EUR"]
    stealthy = counts("said:combat_aircraft_5gen:CSIS-DEFEND-2025:EUR")["EUR"]
    britain = table.central("fighter_4th")["GBR"]
    named, of_types = amounts(""), amounts("")
    for kind, fleets in rules(FIGHTERS):
        of_types[kind] = counts(f"said:combat_aircraft_4gen:CSIS-DEFEND-2025/{kind}:EUR")["EUR"]
        named = plus(named, shared_out(of_types[kind] - britain * ("Typhoon" in kind), amounts(fleets)))
    rest = everything - stealthy - sum(of_types.values())
    held = plus(named, shared_out(rest, amounts(OTHER_FIGHTERS)))
    key = ", ".join(f"{kind} {number:g}" for kind, number in of_types.items())
    key = f"{key}, other types {rest:g} of {everything:,.0f} in Europe, each by recalled fleets."
    note = "Rafale must be among the Mirage as printed. Low leaves out other types (Tornado, AMX, F-4, MiG-29, Su-22)."
    ends = {code: (0.85 * named.get(code, 0), 1.15 * held[code]) for code in held}
    table.add("fighter_4th", held, ("split", "csis-defend-2025", "sure"), key, note, ends)


def rates(table: Holdings) -> None:
    """Write one unit for so many of something, where nothing is public."""
    bases = {
        "personnel": table.evidence.nato("military_personnel"),
        "gdp": table.evidence.nato("gdp_usd_current"),
        "brigades": table.central("brigade_heavy", "brigade_medium", "brigade_light"),
        "tanks": table.central("mbt"),
    }
    for element, units, per, of, least, never, said in rules(RATES):
        some = {code: number for code, number in bases[of].items() if code not in never.split()}
        found = {code: max(half_up(n / float(per)), int(n >= float(least or "inf"))) for code, n in some.items()}
        held = {code: float(units) * number for code, number in found.items() if number}
        europe = sum(number for code, number in held.items() if code not in NOT_EUROPE)
        key = f"{said}; {europe:,.0f} in Europe."
        table.add(element, held, ("assumed", OURS, "open"), key, "No public count.")


def compiled(folder: Path) -> Holdings:
    """Return the whole table, compiled from the collected files in ``folder``."""
    table = Holdings(Evidence(folder))
    for rule in (brigades, lines, fighters, rates):
        rule(table)
    return table


def main() -> int:
    """Write both files."""
    parser = argparse.ArgumentParser(description="Compile who holds what from collected counts and stated rules.")
    parser.add_argument("folder", type=Path, help="folder with inventories.csv and four files beside it")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="evidence folder to write to")
    chosen = parser.parse_args()
    table = compiled(chosen.folder)
    for name, separable in (("forces", False), ("forces_gfp", True)):
        path = chosen.out / name / "holdings.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(table.text(separable), encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
