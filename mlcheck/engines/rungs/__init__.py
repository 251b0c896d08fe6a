"""The rungs of the ladder of baselines, one a file: NAME, ORDER, a docstring, `fits(task)` and `made(task, ...)`.

`fits` returns "" or why the rung is skipped. `made` returns an estimator as `mlcheck.model.ladder.Estimator` says: it
is given raw columns and does its own preprocessing inside `fit`. Libraries are imported inside `made` or `fit` alone.
"""
