"""Options come from defaults, then a file, then flags; what is wrong is said with the nearest right name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcheck import config
from mlcheck.commands.limits import all_limits
from mlcheck.errors import MlcheckError
from tests.conftest import Mlcheck, overfitted

ROOT = Path(__file__).parents[1]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    """No pyproject.toml, no mlcheck.yaml."""
    assert config.load(None, tmp_path) == config.Settings()


def test_the_example_configuration_is_the_defaults() -> None:
    """configs/mlcheck.yaml says of every value that it is the default: it is."""
    assert config.load(str(ROOT / "configs" / "mlcheck.yaml"), ROOT) == config.Settings()


def test_every_key_stands_in_the_example_configuration() -> None:
    """A user finds every key there, commented out where it has no default."""
    text = (ROOT / "configs" / "mlcheck.yaml").read_text(encoding="utf-8")
    assert [key for key in config.KNOWN if f"{key}:" not in text] == []


def test_the_nearest_pyproject_wins_over_mlcheck_yaml(tmp_path: Path) -> None:
    """[tool.mlcheck] of the nearest pyproject.toml is taken; mlcheck.yaml only where it has no such table."""
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    write(tmp_path / "mlcheck.yaml", "classes: 3\n")
    pyproject = write(tmp_path / "a" / "pyproject.toml", '[project]\nname = "x"\n')
    assert config.load(None, below).classes == 3
    write(pyproject, "[tool.mlcheck]\nclasses = 5\nfail-on = 'warning'\n")
    found = config.load(None, below)
    assert (found.classes, found.fail_on) == (5, "warning")


def test_flags_win_over_the_file(tmp_path: Path) -> None:
    """What is not given as a flag stays as the file says."""
    settings = config.load(str(write(tmp_path / "c.yaml", "classes: 3\nseed: 4\n")), tmp_path)
    merged = config.with_flags(settings, {"classes": 10, "seed": None, "select": ()})
    assert (merged.classes, merged.seed) == (10, 4)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fail_onn: error", "did you mean fail-on?"),
        ("fail-on: sometimes", "expected one of note, warning, error, never, found 'sometimes'"),
        ("classes: 1", "expected a whole number of at least 2, found 1"),
        ("classes: true", "expected a whole number of at least 2, found True"),
        ("level: 95", "expected a number between 0 and 1, found 95"),
        ("select: 3", "expected codes such as DIA301, found 3"),
        ("limits: {DIA301: 3}", "expected rules with their limits"),
        ("- a\n- b", "expected names with values"),
        ("a: [", "expected plain YAML"),
        ("x: !!python/object/apply:os.system ['true']", "expected plain YAML"),
    ],
)
def test_a_mistake_in_the_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    """Where, what was expected, what was found."""
    path = write(tmp_path / "c.yaml", text)
    with pytest.raises(MlcheckError) as caught:
        config.load(str(path), tmp_path)
    assert told in str(caught.value)
    assert str(path) in caught.value.where


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"DIA999": {"rise": 1}}, "expected the code of a rule"),
        ({"DIA301": {"raise": 1}}, "did you mean rise?"),
        ({"DIA301": {"rise": "much"}}, "expected a number such as"),
    ],
)
def test_a_limit_that_does_not_exist_is_told(limits: dict[str, dict[str, float]], told: str) -> None:
    """Limits are checked against the rules' own signatures."""
    with pytest.raises(MlcheckError, match=r".") as caught:
        config.check_limits(config.Settings(limits=limits), all_limits())
    assert told in str(caught.value)


def test_a_limit_changes_the_judgement_and_the_signature(mlcheck: Mlcheck, tmp_path: Path) -> None:
    """DIA301 with an absurd limit is silent; the signature tells that something was changed."""
    log = write(tmp_path / "log.csv", overfitted())
    write(tmp_path / "strict.yaml", "limits:\n  DIA301: {rise: 1000}\n")
    plain, changed = (
        json.loads(mlcheck("diagnose", log, "--format", "json", *more).stdout) for more in ((), ("--config", "strict.yaml"))
    )  # fmt: skip
    codes = [{f["code"] for f in document["subjects"][0]["findings"]} for document in (plain, changed)]
    assert "DIA301" in codes[0]
    assert "DIA301" not in codes[1]
    assert plain["signature"] != changed["signature"]
