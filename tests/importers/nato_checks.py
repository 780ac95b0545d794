"""What the tests of NATO's workbook have in common."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthetic import NatoBook

from article3.errors import Fault, ImportFileError
from article3.evidence.importers import Extract, read_official


def faults_of(nato: NatoBook, folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ImportFileError) as error:
        read_official(nato.save(folder))
    for fault in error.value.faults:
        assert fault.where
        assert fault.what
        assert fault.mend or fault.expected
    return error.value.faults


def only_fault(nato: NatoBook, folder: Path) -> Fault:
    (fault,) = faults_of(nato, folder)
    return fault


def values_of(extract: Extract) -> dict[tuple[str, str, int], float]:
    rows = extract.table.select("measure", "ally", "period", "value").iter_rows()
    return {(measure, ally, period): value for measure, ally, period, value in rows}
