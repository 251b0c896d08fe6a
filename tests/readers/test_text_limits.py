"""Printed text of any size and kind is read in linear time and bounded memory, or refused."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.errors import NothingToRead
from mlcheck.readers import text
from mlcheck.readers.source import Source
from tests.readers.printed import TRAINED, log, logs, values


def test_a_hundred_thousand_lines_take_a_moment() -> None:
    """Reading is linear: some six microseconds a line (the bound leaves room for slow machines)."""
    content = "".join(
        f"step:{i}/100000 train_loss:{i / 7:.4f} train_time:{i * 140}ms step_avg:143.05ms\n"
        for i in range(100_000)
    )
    start = time.process_time()
    assert len(values(log(content), "train_loss")) == 100_000
    assert time.process_time() - start < 5


def test_memory_grows_with_the_text_and_little_more() -> None:
    """Three values in each of 200,000 lines take less than four times the text's own size."""
    content = "".join(
        f"2024-01-02 10:11:12,123 - INFO - Epoch [{n // 1000}][{n % 1000}/1000] lr: 1e-4, loss: {n / 7:.4f} grad_norm: {n % 91 / 7:.3f}\n"
        for n in range(200_000)
    ).encode()
    source = Source(name="train.log", content=content)
    tracemalloc.start()
    try:
        assert len(list(text.read(source))) == 1
        assert tracemalloc.get_traced_memory()[1] < 4 * len(content)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "piece", ["1", " ", "=", "(", "1,", "|", "5%|", "a.", "\x1b[1", "\r", "epoch ", "1epoch", "0: ", "[rank1]: ", "a:", "( ", "best:", "| ", "epoch 1 loss 0.5 ", "\repoch 1 x 5", "[", "é"]
)  # fmt: skip
def test_no_line_is_long_enough_to_stall(piece: str) -> None:
    """A line of ten megabytes, whatever is in it, takes seconds at most."""
    content = TRAINED + piece * (10_000_000 // len(piece)) + "\n"
    start = time.process_time()
    assert values(logs(content)[0], "loss")[:2] == [3.5, 2.5]
    assert time.process_time() - start < 15


@given(st.text(alphabet=st.sampled_from("epoch ls:=/[]()|%.,-#0123456789\n\r\b\x1b'{}█\0"), max_size=400))
def test_no_text_breaks_the_reader(content: str) -> None:
    """Whatever is printed is read or refused, never an accident."""
    source = Source(name="train.log", content=content.encode())
    try:
        found = list(text.read(source))
    except NothingToRead:
        return
    assert all(len(c.value) for each in found for c in each.channels)
    assert all(
        c is None or len(c) == len(e.value)
        for each in found
        for e in each.channels
        for c in (e.step, e.epoch)
    )
