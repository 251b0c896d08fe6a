"""Write the golden files named on the command line (all without names): python -m tests.reports.regenerate_reports many-80.txt."""

from __future__ import annotations

import sys

from tests.reports.test_report_golden import CASES, GOLDEN, rendered

GOLDEN.mkdir(exist_ok=True)
for case in sys.argv[1:] or CASES:
    (GOLDEN / case).write_text(rendered(case), encoding="utf-8")
