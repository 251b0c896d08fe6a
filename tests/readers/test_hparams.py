"""Hyperparameters beside a log are read safely and flattened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.readers import hparams, read_inputs

if TYPE_CHECKING:
    from pathlib import Path

LOG = "epoch,train_loss\n1,0.9\n2,0.8\n"


def read(folder: Path, text: str, name: str = "hparams.yaml") -> dict[str, object]:
    """Write and read a file of hyperparameters."""
    (folder / name).write_text(text, encoding="utf-8")
    return dict(hparams.read(folder / name))


def test_nested_names_are_joined_with_dots(tmp_path: Path) -> None:
    """Scalars of any depth, in their order."""
    text = "model:\n  layers: 3\n  act: relu\nlr: 0.1\nuse_ema: false\nseed: null\nbetas: [0.9, 0.999]\n"
    assert list(read(tmp_path, text).items()) == [
        ("model.layers", 3),
        ("model.act", "relu"),
        ("lr", 0.1),
        ("use_ema", False),
        ("seed", None),
    ]


def test_a_number_that_yaml_takes_for_text_is_a_number(tmp_path: Path) -> None:
    """YAML 1.1 wants a dot in 1e-5."""
    assert read(tmp_path, "lr: 1e-5\nname: abc\n") == {"lr": 1e-5, "name": "abc"}


def test_json_is_read_as_well(tmp_path: Path) -> None:
    """config.json of a Transformers model."""
    assert read(tmp_path, json.dumps({"lr": 0.1, "model": {"dim": 64}}), "config.json") == {
        "lr": 0.1,
        "model.dim": 64,
    }


def test_weights_and_biases_values_lose_their_wrapping(tmp_path: Path) -> None:
    """W&B writes `name: {desc: null, value: ...}`."""
    assert read(
        tmp_path, "lr:\n  desc: null\n  value: 0.1\nmodel:\n  value:\n    dim: 64\n", "config.yaml"
    ) == {"lr": 0.1, "model.dim": 64}


def test_python_objects_in_yaml_are_never_built(tmp_path: Path) -> None:
    """Lightning dumps what it is given: the rest of the file still counts, and no code runs."""
    text = f"lr: 0.1\nact: !!python/object/apply:os.mkdir ['{tmp_path}/made']\nloss: !!python/name:torch.nn.MSELoss ''\ndim: 64\n"
    found = read(tmp_path, text)
    assert (found["lr"], found["dim"]) == (0.1, 64)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "text",
    [
        "a: &a\n  b: *a\n",
        "a: &a {x: 1}\n" + "".join(f"{c}: &{c} {{" + ", ".join(f"k{i}: *{p}" for i in range(9)) + "}\n" for p, c in zip("abcdefg", "bcdefgh", strict=True)),
    ],
)  # fmt: skip
def test_aliases_that_unfold_without_end_are_bounded(tmp_path: Path, text: str) -> None:
    """A few lines of YAML may stand for millions of names, or for themselves."""
    assert len(read(tmp_path, text)) <= hparams.MAX_VALUES


@pytest.mark.parametrize(
    ("text", "name", "where"),
    [
        ("lr: [0.1\nb: 2\n", "hparams.yaml", "hparams.yaml:2:2"), ('{"lr": 0.1,, }', "config.json", "config.json:1:12"),
        ("just words\n", "hparams.yaml", "hparams.yaml"), ("[1, 2]", "config.json", "config.json"), ("[" * 50_000, "config.json", "config.json"),
        ("a: " + "[" * 3_000, "hparams.yaml", "hparams.yaml"), ("x" * (hparams.MAX_BYTES + 1), "hparams.yaml", "hparams.yaml"),
    ],
)  # fmt: skip
def test_broken_hyperparameters_are_named_by_place(tmp_path: Path, text: str, name: str, where: str) -> None:
    """Line and column where the parser knows them."""
    with pytest.raises(MlcheckError) as caught:
        read(tmp_path, text, name)
    assert caught.value.where == str(tmp_path / where)


def test_binary_and_missing_files_are_refused(tmp_path: Path) -> None:
    """One line each."""
    (tmp_path / "hparams.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(MlcheckError, match="binary"):
        hparams.read(tmp_path / "hparams.yaml")
    with pytest.raises(MlcheckError, match="no such file"):
        hparams.read(tmp_path / "nothing.yaml")


def test_settings_beside_a_named_log_are_the_runs_configuration(tmp_path: Path) -> None:
    """Two logs named alike keep their own settings."""
    for name, rate in (("a", 0.1), ("b", 0.2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.csv").write_text(LOG)
        (tmp_path / name / "hparams.yaml").write_text(f"lr: {rate}\n")
    made = read_inputs([str(tmp_path / name / "metrics.csv") for name in "ab"]).runs
    assert [run.config["lr"] for run in made] == [0.1, 0.2]
    made = read_inputs([str(tmp_path / name) for name in "ab"]).runs
    assert [run.config["lr"] for run in made] == [0.1, 0.2]


def test_settings_of_a_folder_above_hold_where_none_are_nearer(tmp_path: Path) -> None:
    """An experiment's settings hold for its versions, and a version's own win."""
    (tmp_path / "exp" / "v0").mkdir(parents=True)
    (tmp_path / "exp" / "v1").mkdir()
    (tmp_path / "exp" / "config.yaml").write_text("lr: 0.1\n")
    (tmp_path / "exp" / "v1" / "hparams.yaml").write_text("lr: 0.5\n")
    for version in ("v0", "v1"):
        (tmp_path / "exp" / version / "log.csv").write_text(LOG)
    assert [run.config["lr"] for run in read_inputs([str(tmp_path / "exp")]).runs] == [0.1, 0.5]


def test_the_users_hyperparameters_win_over_those_found(tmp_path: Path) -> None:
    """`--hparams FILE` is said by hand."""
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "hparams.yaml").write_text("lr: 0.1\ndim: 8\n")
    (tmp_path / "mine.json").write_text('{"lr": 0.3}')
    (run,) = read_inputs([str(tmp_path / "log.csv")], hparams=str(tmp_path / "mine.json")).runs
    assert (run.config["lr"], run.config["dim"]) == (0.3, 8)


def test_broken_settings_that_were_only_found_do_not_hide_the_run(tmp_path: Path) -> None:
    """The log can be judged without them."""
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "hparams.yaml").write_text("lr: [0.1\n")
    found = read_inputs([str(tmp_path)])
    assert len(found.runs) == 1
    assert not found.problems


def test_broken_settings_that_the_user_named_are_an_error(tmp_path: Path) -> None:
    """What was said by hand must not be ignored."""
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "mine.yaml").write_text("lr: [0.1\n")
    with pytest.raises(MlcheckError, match="expected plain YAML"):
        read_inputs([str(tmp_path / "log.csv")], hparams=str(tmp_path / "mine.yaml"))
