"""The ResNet from scratch: learns what lies anywhere in an image, the same every time, and leaves no trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlcheck.engines.networks import image_network, mirror, resnet

torch = pytest.importorskip("torch", reason="networks are trained by torch, the extra `nn`")
SIDE = 12


def network_of(goal: Any, seed: int = 0) -> Any:
    """Return a network of images; a test knows whether it tells classes or numbers."""
    return image_network(goal, seed=seed)


def crosses(count: int, seed: int) -> tuple[Any, Any]:
    """Return dark noisy images uint8 (count, 12, 12, 3) with a bright plus or x at a random place, and which it is."""
    draw = np.random.default_rng(seed)
    pixels = draw.integers(0, 60, (count, SIDE, SIDE, 3)).astype(np.uint8)
    signs = draw.integers(0, 2, count)
    for image, sign in zip(pixels, signs, strict=True):
        row, column = draw.integers(2, SIDE - 2, 2)
        colour = draw.integers(130, 256, 3)
        for step in range(-2, 3):
            arms = [(step, step), (step, -step)] if sign else [(step, 0), (0, step)]
            for down, right in arms:
                image[row + down, column + right] = colour
    return pixels, np.where(signs == 1, "x", "plus")


@pytest.fixture(scope="module")
def trained() -> Any:
    """Return a network that learned 160 images."""
    return network_of("classification", seed=1).fit(*crosses(160, 0))


def test_signs_at_random_places_are_told_apart_where_a_linear_model_guesses(trained: Any) -> None:
    """The place of a pixel says nothing here; convolutions do not need it."""
    from sklearn.linear_model import LogisticRegression

    pixels, names = crosses(160, 0)
    others, truth = crosses(300, 1)
    linear = LogisticRegression(C=0.01, max_iter=500).fit(pixels.reshape(160, -1) / 255, names)
    assert linear.score(others.reshape(300, -1) / 255, truth) < 0.7
    assert np.mean(trained.predict(others) == truth) > 0.9


def test_probabilities_stand_in_the_order_of_the_sorted_labels(trained: Any) -> None:
    """They add to 1, and the likeliest class is the one predicted."""
    pixels, _ = crosses(30, 2)
    shares = trained.predict_proba(pixels)
    assert trained.classes_.tolist() == ["plus", "x"]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (trained.classes_[shares.argmax(axis=1)] == trained.predict(pixels)).all()


def test_the_description_says_from_scratch_and_how_large(trained: Any) -> None:
    """One line for the report."""
    assert trained.description.startswith("ResNet-8 from scratch, 75 k parameters, ")
    assert "epochs" in trained.description
    assert "\n" not in trained.description


def test_the_same_rows_and_seed_give_the_same_network_and_leave_torch_as_it_was(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Random state, threads and kernels are the caller's; nothing is printed; another seed gives another network."""
    pixels, names = crosses(24, 3)
    torch.manual_seed(77)
    expected = torch.rand(3)
    torch.manual_seed(77)
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    first, again, other = (
        network_of("classification", seed=seed).fit(pixels, names).predict_proba(pixels) for seed in (5, 5, 6)
    )
    assert (first == again).all()
    assert (first != other).any()
    assert (torch.rand(3) == expected).all()
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == (threads, strict)
    assert capfd.readouterr() == ("", "")


def test_an_interrupt_leaves_torch_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of training is raised, and threads and kernels are the caller's again."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    threads, state = torch.get_num_threads(), torch.get_rng_state()
    monkeypatch.setattr(resnet, "changed", interrupt)
    with pytest.raises(KeyboardInterrupt):
        network_of("classification").fit(*crosses(24, 3))
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()
    assert (torch.get_rng_state() == state).all()


def test_numbers_are_learned_in_their_own_units() -> None:
    """The mean brightness of an image times a million, plus a billion."""
    draw = np.random.default_rng(0)
    levels = draw.integers(20, 220, 80)
    pixels = (levels[:, None, None, None] + draw.integers(-20, 21, (80, 8, 8, 3))).astype(np.uint8)
    values = 1e9 + 1e6 * levels
    found = network_of("regression").fit(pixels[:50], values[:50]).predict(pixels[50:])
    rest = np.mean((found - values[50:]) ** 2) / np.var(values[50:])
    assert rest < 0.1


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 2), (5, 40), (70, 130)])
def test_images_of_any_size_are_taken(height: int, width: int) -> None:
    """Tiny and long ones; large ones are shrunk first."""
    draw = np.random.default_rng(1)
    pixels = draw.integers(0, 256, (6, height, width, 3)).astype(np.uint8)
    network = network_of("classification").fit(pixels, [0, 1, 2, 0, 1, 2])
    assert network.predict_proba(pixels).shape == (6, 3)


def test_one_class_and_one_number_need_no_network() -> None:
    """What never varies is predicted as it is."""
    pixels = np.zeros((5, 4, 4, 3), dtype=np.uint8)
    assert network_of("classification").fit(pixels, ["a"] * 5).predict_proba(pixels).tolist() == [[1.0]] * 5
    assert network_of("regression").fit(pixels, [2.5] * 5).predict(pixels).tolist() == [2.5] * 5


def test_an_epoch_costs_as_much_as_the_pixels_that_it_shows() -> None:
    """The estimate grows with rows beyond the shortest training, and with the side; no measured clock in it."""
    assert resnet.seconds(300, 16, 16) < resnet.seconds(4000, 16, 16) < resnet.seconds(40_000, 16, 16)
    assert resnet.seconds(300, 8, 8) < resnet.seconds(300, 16, 16)
    assert 2 < resnet.seconds(300, 16, 16) < 60


def test_shifted_images_keep_their_pixels_and_their_size() -> None:
    """An image of one colour stays what it is; a shift is an eighth of the side at most."""
    draw = np.random.default_rng(0)
    pixels = np.zeros((200, 16, 16, 3), dtype=np.uint8)
    pixels[:, 8, 8] = 255
    made = resnet.changed(pixels, draw, flip=False)
    rows, columns = np.nonzero(made[..., 0])[1:]
    assert made.shape == pixels.shape
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (6, 10, 6, 10)
    assert (made.reshape(200, -1).max(axis=1) == 255).all()


def test_arrows_to_the_left_and_to_the_right_may_not_be_mirrored() -> None:
    """Mirrored neighbours tell their class wrongly."""
    draw = np.random.default_rng(0)
    codes = draw.integers(0, 2, 200)
    pixels = draw.integers(0, 80, (200, 8, 8, 3)).astype(np.uint8)
    pixels[codes == 0, :, :4] += 120
    pixels[codes == 1, :, 4:] += 120
    assert not mirror.may_mirror(pixels, codes, draw)


def test_bright_and_dark_images_may_be_mirrored() -> None:
    """Mirrored neighbours tell their class as well as plain ones."""
    draw = np.random.default_rng(0)
    codes = draw.integers(0, 2, 200)
    pixels = (draw.integers(0, 80, (200, 8, 8, 3)) + 120 * codes[:, None, None, None]).astype(np.uint8)
    assert mirror.may_mirror(pixels, codes, draw)


def test_where_neighbours_know_nothing_nothing_is_mirrored() -> None:
    """Labels without any sense are no licence: what mirroring does cannot be seen."""
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (200, 8, 8, 3)).astype(np.uint8)
    assert not mirror.may_mirror(pixels, draw.integers(0, 2, 200), draw)
