"""Hostile files in families, made by script from a seed; none is stored.

A family yields ``Hostile`` files. ``verdict``: ``refused`` where the house must say no; ``inert``
where taking it is right as long as nothing in it acts (names are cleaned, formulas are not read);
``any`` where damage may or may not be fatal, and only the manner counts: an answer, in time.
"""

from tests.proof.corpus import names, pdfs, pictures, zips
from tests.proof.corpus.making import FAMILIES, Hostile, good_pdf, good_picture, good_workbook

__all__ = [
    "FAMILIES",
    "Hostile",
    "good_pdf",
    "good_picture",
    "good_workbook",
    "names",
    "pdfs",
    "pictures",
    "zips",
]
