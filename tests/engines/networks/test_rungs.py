"""The rungs resnet and bert: skipped with their reason, fitted like every rung, weights of their own kind only."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.engines.rungs import bert, resnet
from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import Column
from mlcheck.model.ladder import Features, Task

if TYPE_CHECKING:
    from pathlib import Path


def task(rung: ModuleType, **kinds: int) -> Task:
    """Return a task of two classes, with the columns of the rung or those named."""
    shape = (8, 8, 3) if rung is resnet and not kinds else None
    found: Any = kinds or ({"image": 1} if rung is resnet else {"text": 1})
    return Task(
        goal="classification", metric="accuracy", direction="higher", labels=("no", "yes"), rows=24, kinds=found, pixels=shape
    )  # fmt: skip


def rows(rung: ModuleType) -> tuple[Features, Any]:
    """Return 24 rows and their codes."""
    codes = (np.arange(24) % 2).astype(np.int32)
    if rung is resnet:
        pixels = np.zeros((24, 8, 8, 3), dtype=np.uint8) + (200 * codes[:, None, None, None]).astype(np.uint8)
        return Features(columns=(Column(name="image", kind="image", pixels=pixels),)), codes
    texts = np.array([("a good day", "a bad day")[code] for code in codes], dtype=object)
    texts[3] = None
    notes = np.array(["note"] * 24, dtype=object)
    columns = (Column(name="said", kind="text", texts=texts), Column(name="note", kind="text", texts=notes))
    return Features(columns=columns), codes


@pytest.mark.parametrize(
    ("rung", "absent", "said"),
    [
        (resnet, "torch", 'torch is not installed (the extra `nn`): pip install "mlcheck-runs[nn]", or pip install ".[nn]" in a checkout'),
        (bert, "torch", "torch is not installed (the extra `nn`): pip install"),
        (bert, "transformers", "transformers is not installed (the extra `nn`): pip install"),
    ],
)  # fmt: skip
def test_without_its_libraries_a_rung_says_how_to_install_them(
    rung: Any, absent: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A skip with the command; nothing is imported to find out."""
    monkeypatch.setitem(sys.modules, "torch", installed("torch"))
    monkeypatch.setitem(sys.modules, "transformers", installed("transformers"))
    assert rung.fits(task(rung)) == ""
    monkeypatch.setitem(sys.modules, absent, None)
    assert rung.fits(task(rung)).startswith(said)


def installed(name: str) -> ModuleType:
    """Return an empty module that counts as installed."""
    from importlib.machinery import ModuleSpec

    made = ModuleType(name)
    made.__spec__ = ModuleSpec(name, None)
    return made


def test_rows_of_another_kind_are_a_skip_with_its_reason() -> None:
    """No image, no text, or much beside a text."""
    assert resnet.fits(task(resnet, number=3)) == "a ResNet is for images: there is no column of images"
    assert bert.fits(task(bert, number=3)) == "BERT is for text: there is no column of text"
    assert bert.fits(task(bert, number=8, text=1)) == "BERT reads text alone, here 1 of 9 columns"


@pytest.mark.parametrize("rung", [resnet, bert], ids=["resnet", "bert"])
def test_a_rung_learns_raw_columns_and_says_which_network_it_was(rung: Any) -> None:
    """Probabilities (n, classes) in the order of the codes; missing texts are taken."""
    pytest.importorskip("torch", reason="networks are trained by torch, the extra `nn`")
    pytest.importorskip("transformers", reason="BERT is built by transformers, the extra `nn`")
    features, codes = rows(rung)
    model = rung.made(task(rung), seed=3).fit(features, codes)
    assert model.predict_proba(features).shape == (24, 2)
    assert set(model.predict(features).tolist()) <= {0, 1}
    assert "from scratch" in model.told_
    assert rung.seconds(task(rung)) > 0


def test_numbers_have_no_probabilities() -> None:
    """The ladder asks for them where an estimator has the method."""
    pytest.importorskip("torch", reason="networks are trained by torch, the extra `nn`")
    features, codes = rows(resnet)
    numbers: Any = Task(
        goal="regression", metric="r2", direction="higher", rows=24, kinds={"image": 1}, pixels=(8, 8, 3)
    )
    model = resnet.made(numbers, seed=0)
    assert not hasattr(model, "predict_proba")
    assert model.fit(features, codes.astype(np.float64)).predict(features).shape == (24,)


def test_weights_of_the_other_kind_leave_a_rung_at_scratch(tmp_path: Path) -> None:
    """A folder of a BERT is not for images; predictions kept under it depend on no weights."""
    torch = pytest.importorskip("torch", reason="networks are trained by torch, the extra `nn`")
    from safetensors.torch import save_file

    save_file({"encoder.weight": torch.zeros(2, 2)}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    assert resnet.depends(str(tmp_path)) == resnet.depends(None) == ""
    assert len(bert.depends(str(tmp_path))) == 16
    assert resnet.made(task(resnet), seed=0, weights=str(tmp_path)) is not None
    with pytest.raises(MlcheckError, match="--weights: expected a folder of weights"):
        resnet.made(task(resnet), seed=0, weights=str(tmp_path / "none"))


def test_listing_the_rungs_imports_no_library() -> None:
    """The ladder is known before anything heavy is loaded."""
    code = (
        "import sys\nfrom mlcheck import registry\nassert {'resnet', 'bert'} <= set(registry.rungs())\n"
        "assert not {'torch', 'transformers', 'safetensors', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
