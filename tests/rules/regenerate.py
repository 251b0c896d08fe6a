"""Write expected.txt of the rules named on the command line (all without names): python -m tests.rules.regenerate DIA301."""

from __future__ import annotations

import sys

from tests.rules.test_diagnose_rules import CASES, RULES, logs, printed

for code in sys.argv[1:] or RULES:
    text = "".join(printed(code, path) for path in logs(code, "bad"))
    (CASES / code / "expected.txt").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
