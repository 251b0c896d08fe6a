"""Rules of `mlcheck datacurve`: `check(looked) -> findings`."""
