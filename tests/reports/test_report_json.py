"""What a script reads is the contract's object, described by the schema that ships in the package."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator, ValidationError

from mlcheck.model import Table
from mlcheck.reports.json import render
from tests.reports import handmade_metrics
from tests.reports.handmade import broken, hostile, report, reports, wide

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads(resources.files("mlcheck.reports").joinpath("schema.json").read_text(encoding="utf-8"))
REPORTS = {**reports(), **handmade_metrics.reports()}
VALIDATOR = Draft202012Validator(SCHEMA)


def strict(text: str) -> Any:
    """Parse JSON as its standard has it, without NaN and Infinity."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def test_the_schema_is_one() -> None:
    """It follows JSON Schema, draft 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_follows_the_schema(name: str) -> None:
    """Also one without subjects, with problems, or with numbers that are not finite."""
    VALIDATOR.validate(strict(render(REPORTS[name])))


def test_the_keys_stand_in_the_order_of_the_contract() -> None:
    """A person who reads the file finds what the documentation promises, in its order."""
    read = strict(render(reports()["overfit"]))
    assert list(read) == [
        "schema",
        "version",
        "command",
        "verdict",
        "exit_code",
        "signature",
        "subjects",
        "problems",
    ]
    promised = [
        "id",
        "source",
        "reader",
        "verdict",
        "confidence",
        "scores",
        "findings",
        "skips",
        "actions",
        "measures",
    ]
    assert list(read["subjects"][0]) == [*promised, "why", "span", "config"]
    assert list(read["subjects"][0]["findings"][0]) == ["code", "name", "severity", "message", "evidence"]


def test_numbers_that_are_not_finite_are_null_and_listed() -> None:
    """Each is found by its JSON Pointer."""
    (subject,) = strict(render(report(broken())))["subjects"]
    assert subject["measures"]["train_loss"]["last"] is None
    assert subject["nonfinite"] == {
        "/findings/0/evidence/grad_norm": "inf",
        "/findings/0/evidence/seen/1": "nan",
        "/measures/train_loss/last": "nan",
        "/measures/val_loss/last": "nan",
    }


def test_a_pointer_escapes_slashes_and_tildes() -> None:
    """RFC 6901: ~ is ~0, / is ~1."""
    (subject,) = strict(render(report(replace(wide(), measures={"a/b~c": {"last": -math.inf}}))))["subjects"]
    assert subject["nonfinite"] == {"/measures/a~1b~0c/last": "-inf"}


def test_floats_have_six_significant_digits_and_whole_numbers_all() -> None:
    """A step of seven digits is not rounded."""
    numbers = {
        "loss": 0.123456789,
        "step": 1234567.0,
        "count": 12345678,
        "tiny": 1.23456789e-12,
        "flag": True,
    }
    (subject,) = strict(render(report(replace(wide(), measures={"x": numbers}))))["subjects"]
    assert subject["measures"]["x"] == {
        "loss": 0.123457,
        "step": 1234567,
        "count": 12345678,
        "tiny": 1.23457e-12,
        "flag": True,
    }


def test_numbers_of_numpy_are_numbers() -> None:
    """A statistic may leave one behind."""
    numbers: Any = {
        "a": np.float64(0.5),
        "b": np.int64(3),
        "c": np.float32(0.25),
        "d": np.bool_(True),
        "e": np.float32("nan"),
    }
    (subject,) = strict(render(report(replace(wide(), measures={"x": numbers}))))["subjects"]
    assert subject["measures"]["x"] == {"a": 0.5, "b": 3, "c": 0.25, "d": True, "e": None}
    assert subject["nonfinite"] == {"/measures/x/e": "nan"}


def test_a_value_that_json_cannot_hold_is_a_bug() -> None:
    """It raises instead of printing something else."""
    numbers: Any = {"a": {1, 2}}
    with pytest.raises(TypeError, match="found set"):
        render(report(replace(wide(), measures={"x": numbers})))


def test_timings_appear_only_where_they_were_asked_for() -> None:
    """Without them two calls give the same bytes."""
    assert "timings" not in strict(render(reports()["overfit"]))
    assert strict(render(reports()["nonfinite"]))["timings"] == {"read": 0.0123457, "judge": 0.5}


def test_names_come_back_as_they_were_and_command_no_terminal() -> None:
    """Control characters, overrides of direction and lone surrogates are JSON escapes in the text."""
    name = hostile().id + "\x9b\u202e\udc80é深"
    text = render(report(replace(hostile(), id=name)))
    assert all(char.isprintable() for line in text.split("\n") for char in line)
    assert "é深" in text
    assert strict(text)["subjects"][0]["id"] == name


BREAKS: dict[str, Callable[[Any], object]] = {
    "no verdict": lambda whole: whole["subjects"][0].pop("verdict"),
    "no problems": lambda whole: whole.pop("problems"),
    "another schema": lambda whole: whole.update(schema="mlcheck/2"),
    "an unknown exit code": lambda whole: whole.update(exit_code=3),
    "a verdict of no subjects": lambda whole: whole.update(subjects=[]),
    "no verdict of subjects": lambda whole: whole.update(verdict=None),
    "an unknown verdict": lambda whole: whole["subjects"][0].update(verdict="fine"),
    "an unknown severity": lambda whole: whole["subjects"][0]["findings"][0].update(severity="fatal"),
    "a code of four digits": lambda whole: whole["subjects"][0]["findings"][0].update(code="DIA3011"),
    "a code in small letters": lambda whole: whole["subjects"][0]["skips"][0].update(code="dia501"),
    "a skip without reason": lambda whole: whole["subjects"][0]["skips"][0].update(reason=""),
    "an unknown action": lambda whole: whole["subjects"][0]["actions"][0].update(name="pray"),
    "a score above one": lambda whole: whole["subjects"][0]["scores"].update(overfit=1.2),
    "a score of another verdict": lambda whole: whole["subjects"][0]["scores"].update(lucky=0.0),
    "a missing score": lambda whole: whole["subjects"][0]["scores"].pop("healthy"),
    "NaN in a measure": lambda whole: whole["subjects"][0]["measures"]["train_loss"].update(last=math.nan),
    "NaN as confidence": lambda whole: whole["subjects"][0].update(confidence=math.nan),
    "infinity in evidence": lambda whole: whole["subjects"][0]["findings"][0]["evidence"].update(
        rise=math.inf
    ),
    "infinity in a list": lambda whole: whole["subjects"][0]["findings"][0]["evidence"].update(
        rise=[-math.inf]
    ),
    "an unknown kind of nonfinite": lambda whole: whole["subjects"][0].update(
        nonfinite={"/measures": "huge"}
    ),
}


METRIC_BREAKS: dict[str, Callable[[Any], object]] = {
    "a verdict of another command": lambda whole: whole["subjects"][0].update(verdict="healthy"),
    "a metric without interval": lambda whole: whole["subjects"][0]["measures"]["recall"].pop("low"),
    "a metric without direction": lambda whole: whole["subjects"][0]["measures"]["recall"].pop("direction"),
    "a direction that is none": lambda whole: whole["subjects"][0]["measures"]["recall"].update(
        direction="up"
    ),
    "a threshold from nowhere": lambda whole: whole["subjects"][0]["measures"]["threshold"].pop("chosen_by"),
    "an exhibit of another type": lambda whole: whole["subjects"][0]["exhibits"][0].update(type="pie"),
    "a table without columns": lambda whole: whole["subjects"][0]["exhibits"][1].pop("columns"),
    "a cell that is a list": lambda whole: whole["subjects"][0]["exhibits"][1]["rows"].append([[1]]),
    "a scale of one end": lambda whole: whole["subjects"][0]["exhibits"][1].update(scale=[0]),
    "a count that is text": lambda whole: whole["subjects"][0]["exhibits"][0]["counts"].append(["1"]),
    "a line of another kind": lambda whole: whole["subjects"][0]["exhibits"][2]["lines"][0].update(
        kind="wave"
    ),
    "a fact that is empty": lambda whole: whole["subjects"][0]["facts"].append(""),
}


@pytest.mark.parametrize("fault", METRIC_BREAKS)
def test_the_schema_rejects_in_a_report_of_metrics(fault: str) -> None:
    """What `metrics` adds is described as closely."""
    whole = strict(render(REPORTS["metrics-binary"]))
    METRIC_BREAKS[fault](whole)
    with pytest.raises(ValidationError):
        VALIDATOR.validate(whole)


def test_measures_of_other_commands_keep_every_digit_and_exhibits_six() -> None:
    """A metric may be held against another program's; a picture is for the eye."""
    subject = handmade_metrics.binary()
    third = {**subject.measures["recall"], "value": 1 / 3}
    table = Table(title="", columns=("x",), rows=((1 / 3,),))
    made = handmade_metrics.report(replace(subject, measures={"recall": third}, exhibits=(table,)))
    (read,) = strict(render(made))["subjects"]
    assert read["measures"]["recall"]["value"] == 1 / 3
    assert read["exhibits"][0]["rows"] == [[0.333333]]


@pytest.mark.parametrize("fault", BREAKS)
def test_the_schema_rejects(fault: str) -> None:
    """An object that breaks the contract is no `mlcheck/1`."""
    whole = strict(render(reports()["overfit"]))
    VALIDATOR.validate(whole)
    BREAKS[fault](whole)
    with pytest.raises(ValidationError):
        VALIDATOR.validate(whole)


def test_the_schema_allows_keys_that_later_versions_add() -> None:
    """A change within mlcheck/1 only adds keys."""
    whole = strict(render(reports()["overfit"]))
    whole["new"] = whole["subjects"][0]["new"] = whole["subjects"][0]["findings"][0]["new"] = 1
    VALIDATOR.validate(whole)


def test_other_commands_bring_their_own_verdicts() -> None:
    """Only diagnose's names are checked against a list so far."""
    subject = replace(wide(), verdict="more-data-helps", scores={}, actions=())
    VALIDATOR.validate(strict(render(report(subject, command="datacurve", verdict="more-data-helps"))))


def test_of_many_subjects_each_is_one_line_and_says_the_same() -> None:
    """Laid out or a line a subject: the object is the same, in the same order of keys."""
    one = report(wide())
    many = json.loads(render(replace(one, subjects=one.subjects * 150)), object_pairs_hook=list)
    laid_out = json.loads(render(one), object_pairs_hook=list)
    assert [key for key, _ in many] == [key for key, _ in laid_out]
    assert dict(many)["subjects"] == dict(laid_out)["subjects"] * 150
    assert len(render(replace(one, subjects=one.subjects * 150)).splitlines()) < 200
