"""Readers of official files as users download them: NATO's and SIPRI's workbooks, IMF's outlook, DMDC's reports.

A file is read whole or not at all. Every problem found is told at once, with the cell or line it stands in.
"""

from article3.evidence.importers.extract import Extract
from article3.evidence.importers.recognise import read_official, recognise

__all__ = ["Extract", "read_official", "recognise"]
