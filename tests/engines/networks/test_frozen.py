"""Encoders from a folder of weights: frozen, offline, safetensors alone; whatever is wrong with the folder is said."""

from __future__ import annotations

import json
import pickle
import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlcheck.engines.networks import image_network, text_network, weights
from mlcheck.errors import MlcheckError

torch = pytest.importorskip("torch", reason="networks are trained by torch, the extra `nn`")
transformers = pytest.importorskip(
    "transformers", reason="encoders are built by transformers, the extra `nn`"
)
KNOWN = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "the", "a", "was", "##s"]
GOOD, BAD = (
    ["the film was good", "good film", "a good film was"],
    ["the film was bad", "bad films", "a bad film"],
)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a tiny BERT as transformers saves it, its weights drawn at random."""
    folder = tmp_path_factory.mktemp("weights") / "tiny-bert"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(KNOWN))
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(KNOWN), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    transformers.BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def resnet(**sizes: Any) -> Any:
    """Return a small ResNet of transformers whose running means are not the initial ones."""
    torch.manual_seed(0)
    made = transformers.ResNetModel(transformers.ResNetConfig(**sizes))
    made.train()
    with torch.no_grad():
        for _ in range(20):
            made(torch.randn(4, 3, 32, 32))
    return made.eval()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a tiny ResNet as transformers saves it."""
    folder = tmp_path_factory.mktemp("weights") / "tiny-resnet"
    resnet(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic").save_pretrained(folder)
    prepared = {
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.25, 0.25, 0.25],
        "size": {"height": 32, "width": 32},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(prepared))
    return folder


@pytest.fixture
def copied(texts: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder of texts to be damaged."""
    return Path(shutil.copytree(texts, tmp_path / "tiny-bert"))


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every connection fail."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("offline")
def test_texts_are_told_apart_by_a_head_on_a_frozen_encoder(
    texts: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Even random weights keep words apart. Nothing is printed, nothing asked of a network."""
    network = text_network("classification", weights=str(texts)).fit(
        (GOOD + BAD) * 4, ["yes"] * 12 + ["no"] * 12
    )
    assert network.predict(["the good film", "a bad film"]).tolist() in (
        ["yes", "no"],
        ["no", "no"],
        ["yes", "yes"],
    )
    assert capfd.readouterr() == ("", "")


def test_an_embedding_is_the_mean_over_the_tokens(texts: Path) -> None:
    """Recomputed by transformers in one padded batch."""
    from mlcheck.engines.networks.text_encoder import encoder

    rows = ["the film was good", "bad", ""]
    tokens = transformers.BertTokenizer.from_pretrained(texts)(rows, padding=True, return_tensors="pt")
    with torch.no_grad():
        said = transformers.BertModel.from_pretrained(texts)(**tokens).last_hidden_state
    mask = tokens["attention_mask"][..., None]
    expected = ((said * mask).sum(1) / mask.sum(1)).numpy()
    np.testing.assert_allclose(encoder(str(texts)).embedded(rows), expected, atol=1e-5)


def test_what_is_said_of_a_text_is_the_same_to_the_last_bit_in_any_fold(texts: Path) -> None:
    """Asked alone, among others, for the second time."""
    from mlcheck.engines.networks.text_encoder import TextEncoder

    rows = [*GOOD, *BAD]
    whole = TextEncoder(weights.opened(str(texts))).embedded(rows)
    other = TextEncoder(weights.opened(str(texts)))
    assert (other.embedded(rows[::-1])[::-1] == whole).all()
    assert (other.embedded(rows[2:4]) == whole[2:4]).all()


def test_the_description_says_from_which_folder_and_that_it_is_frozen(texts: Path, images: Path) -> None:
    """One line for the report."""
    network = text_network("classification", weights=str(texts)).fit(GOOD + BAD, [1, 1, 1, 0, 0, 0])
    assert network.description == "bert from tiny-bert, 21 k parameters, frozen encoder + logistic head"
    drawn = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 3)).astype(np.uint8)
    numbers = image_network("regression", weights=str(images)).fit(drawn, drawn.mean(axis=(1, 2, 3)))
    assert numbers.description.startswith("resnet from tiny-resnet, ")
    assert numbers.description.endswith(" parameters, frozen encoder + ridge head")


@pytest.mark.usefixtures("offline")
def test_bright_and_dark_images_are_told_apart_by_a_head_on_a_frozen_encoder(images: Path) -> None:
    """With the colours and the size that the folder says."""
    draw = np.random.default_rng(0)
    codes = np.arange(40) % 2
    pixels = (draw.integers(0, 100, (40, 8, 8, 3)) + 120 * codes[:, None, None, None]).astype(np.uint8)
    network = image_network("classification", weights=str(images)).fit(pixels[:30], codes[:30])
    assert np.mean(network.predict(pixels[30:]) == codes[30:]) == 1.0


@pytest.mark.parametrize(
    ("layers", "sizes", "depths"), [("basic", [64, 128, 256, 512], [2, 1, 1, 1]), ("bottleneck", [256, 512, 1024, 2048], [1, 2, 1, 1])]
)  # fmt: skip
def test_a_state_dict_under_torchvisions_names_says_what_transformers_says(
    layers: str, sizes: list[int], depths: list[int], tmp_path: Path
) -> None:
    """The same weights under the names of both libraries."""
    from safetensors.torch import save_file

    from mlcheck.engines.networks.image_encoder import encoder
    from mlcheck.engines.networks.torchvision_layers import backbone

    made = resnet(embedding_size=64, hidden_sizes=sizes, depths=depths, layer_type=layers)
    state = {torchvision_name(key): value for key, value in made.state_dict().items()}
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(
            backbone(state)(image), made(image).last_hidden_state, atol=1e-4, rtol=1e-4
        )
    save_file({**state, "fc.weight": torch.zeros(10, sizes[-1])}, tmp_path / "model.safetensors")
    pixels = np.full((1, 8, 8, 3), 100, dtype=np.uint8)
    assert encoder(str(tmp_path)).embedded(pixels).shape == (1, sizes[-1])


def torchvision_name(key: str) -> str:
    """Return torchvision's name for a weight of transformers' ResNet."""
    parts = key.split(".")
    kind = {"convolution": "conv", "normalization": "bn"}
    if parts[0] == "embedder":
        return f"{kind[parts[2]]}1.{parts[-1]}"
    head = f"layer{int(parts[2]) + 1}.{parts[4]}"
    if parts[5] == "shortcut":
        return f"{head}.downsample.{0 if parts[6] == 'convolution' else 1}.{parts[-1]}"
    return f"{head}.{kind[parts[7]]}{int(parts[6]) + 1}.{parts[-1]}"


class Bomb:
    """What writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "best.pth", "last.ckpt"])
def test_a_pickle_is_refused_with_the_safe_alternative_and_never_loaded(
    name: str, copied: Path, tmp_path: Path
) -> None:
    """Whatever it is called."""
    (copied / "model.safetensors").unlink()
    (copied / name).write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    with pytest.raises(MlcheckError, match=rf"found {name}: a pickle, which can run any code .*safetensors"):
        text_network("classification", weights=str(copied))
    assert not (tmp_path / "ran").exists()


def test_code_beside_the_weights_is_not_run(copied: Path, tmp_path: Path) -> None:
    """An auto_map names a module of the folder."""
    config = json.loads((copied / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil"}
    (copied / "config.json").write_text(json.dumps(config))
    (copied / "evil.py").write_text(
        f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\nclass Evil: ...\n"
    )
    text_network("classification", weights=str(copied)).fit(GOOD + BAD, [1, 1, 1, 0, 0, 0])
    assert not (tmp_path / "ran").exists()


def damaged(copied: Path, what: str) -> None:
    """Damage a folder of weights."""
    config, file = copied / "config.json", copied / "model.safetensors"
    told = json.loads(config.read_text())
    if what == "no config":
        config.unlink()
    elif what == "no tokenizer":
        for path in (*copied.glob("tokenizer*"), copied / "vocab.txt"):
            path.unlink()
    elif what == "cut":
        file.write_bytes(file.read_bytes()[:-1000])
    elif what == "not safetensors":
        file.write_bytes(b"\xff" * 100)
    elif what == "not JSON":
        config.write_text("{")
    else:
        config.write_text(json.dumps({**told, **json.loads(what)}))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("no config", "tiny-bert/config.json: expected the configuration beside the weights"),
        ("no tokenizer", "expected the tokenizer beside the weights"),
        ("cut", "tiny-bert/model.safetensors: expected .* bytes, found .*: a cut file"),
        ("not safetensors", "tiny-bert/model.safetensors: expected a safetensors file"),
        ("not JSON", "tiny-bert/config.json: expected JSON"),
        ('{"model_type": "gpt2"}', "expected the model_type of an encoder, found 'gpt2'"),
        ('{"model_type": ["bert"]}', "expected the model_type of an encoder"),
        ('{"hidden_size": 1000000000}', "tiny-bert: expected"),
        ('{"vocab_size": 1000000000}', "tiny-bert: expected 32,.* numbers by config.json, found"),
        ('{"num_hidden_layers": 100000000}', "expected at most 200 layers"),
        ('{"num_hidden_layers": 4, "intermediate_size": 8}', "tiny-bert: expected"),
        ('{"vocab_size": 6}', "tiny-bert: expected"),
    ],
)  # fmt: skip
def test_a_damaged_or_hostile_folder_is_one_clear_error(what: str, said: str, copied: Path) -> None:
    """Where, what was expected and what was found; no memory is taken for what a config claims."""
    damaged(copied, what)
    with pytest.raises(MlcheckError, match=said):
        text_network("classification", weights=str(copied)).fit(GOOD + BAD, [1, 1, 1, 0, 0, 0])


def test_a_folder_of_the_other_kind_and_no_folder_are_refused(
    texts: Path, images: Path, tmp_path: Path
) -> None:
    """An encoder of texts does not read images."""
    with pytest.raises(MlcheckError, match="expected an encoder of images in tiny-bert, found bert"):
        image_network("classification", weights=str(texts))
    with pytest.raises(MlcheckError, match=r"expected an encoder of texts .* in tiny-resnet, found resnet"):
        text_network("classification", weights=str(images))
    with pytest.raises(MlcheckError, match="--weights: expected a folder of weights, found nothing at"):
        text_network("classification", weights=str(tmp_path / "none"))


def test_another_content_of_a_folder_has_another_digest(copied: Path) -> None:
    """So that kept predictions of other weights are not used."""
    first = weights.digest(str(copied))
    assert weights.digest(str(copied)) == first
    file = copied / "model.safetensors"
    whole = bytearray(file.read_bytes())
    whole[-1] ^= 1
    file.write_bytes(bytes(whole))
    assert weights.digest(str(copied)) != first
