"""The proofs of RELIABILITY, each at length. ``python -m tests.proof NAME``; samples run as tests.

The list stands in ``dev_tools/proof.py``; each name is a module here with one function
``prove(report, *, seconds)`` that fills the report.
"""
