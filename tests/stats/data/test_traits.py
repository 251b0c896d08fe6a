"""What texts and images are like, against cases worked by hand."""

from __future__ import annotations

import numpy as np

from mlcheck.stats.data import traits


def test_texts_are_counted_as_by_hand() -> None:
    """Two words of five and three signs; one capital, two digits, one mark among eight; nothing for nothing."""
    found = traits.of_texts(["Hell0 12!"[:5] + " 1a!", None, "  "])
    assert {name: float(values[0]) for name, values in found.items()} == {
        "words": 2.0, "letters a word": 4.0, "capitals": 1 / 8, "digits": 2 / 8, "punctuation": 1 / 8,
    }  # fmt: skip
    assert all(np.isnan(values[1:]).all() for values in found.values())


def test_images_are_measured_as_by_hand() -> None:
    """Half black, half pure red of 120: brightness 20, red 40 above it, contrast 20."""
    image = np.zeros((1, 2, 2, 3), dtype=np.uint8)
    image[0, 0, :, 0] = 120
    found = {name: float(values[0]) for name, values in traits.of_images(image).items()}
    assert found == {"brightness": 20.0, "contrast": 20.0, "red": 40.0, "green": -20.0, "blue": -20.0}


def test_fields_are_read_row_by_row() -> None:
    """Each of the 16 fields of an 8 x 8 image is the mean of its four pixels."""
    grey = np.arange(16, dtype=np.uint8).reshape(4, 4).repeat(2, axis=0).repeat(2, axis=1)
    pixels = np.stack([grey] * 3, axis=-1)[None]
    assert traits.fields(pixels).tolist() == [list(map(float, range(16)))]
