"""Labelled optimisation: blocks of variables and rows, solved by HiGHS, certified by arithmetic of our own."""

from article3.program.assembly import Arrays, Program
from article3.program.blocks import Block, Rows, Variables
from article3.program.certificate import Certificate, certify
from article3.program.elastic import Violation, least_violation
from article3.program.errors import ProgramError, SolveError
from article3.program.session import Session
from article3.program.solution import Solution, Status

__all__ = [
    "Arrays",
    "Block",
    "Certificate",
    "Program",
    "ProgramError",
    "Rows",
    "Session",
    "Solution",
    "SolveError",
    "Status",
    "Variables",
    "Violation",
    "certify",
    "least_violation",
]
