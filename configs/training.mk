# Include it in your Makefile (`include training.mk`): `make check-run` fails if the run needs mending.
RUNS ?= runs

.PHONY: check-run run-report
check-run:
	mlcheck diagnose $(RUNS)

run-report:
	mlcheck diagnose $(RUNS) --format markdown --output report.md --fail-on never
