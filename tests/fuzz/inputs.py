"""What the fuzzer feeds: logs built of what logs are made of, and real files damaged in the ways in which files are."""

from __future__ import annotations

import gzip
import json
import random
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from mlcheck.readers.tfrecord import masked_crc32c
from tests.fuzz import corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True, slots=True)
class Case:
    """One input: files by name (of a folder), the one that the user names ("" for the folder itself), how it was made."""

    files: dict[str, bytes]
    named: str
    made: str


NAMES = st.sampled_from(
    [
        "epoch",
        "step",
        "loss",
        "train_loss",
        "val_loss",
        "lr",
        "grad_norm",
        "train/acc",
        "val_accuracy",
        "iter",
        "time",
        "phase",
        "run",
        "seed",
        "n_train",
        "reward",
        "",
        "\x1b[31mred",
        "[bold]x[/]",
        "<script>",
        "naïve",
        "a\nb",
    ]
)
ODD_NUMBERS = st.sampled_from(
    [
        "nan",
        "NaN",
        "-inf",
        "Infinity",
        "1.#QNAN",
        "5%",
        "1,234",
        "0,53",
        "tensor(1.5)",
        "3/40",
        "1e308",
        "-1e308",
        "1e-320",
        "9" * 400,
        "0x1f",
        "1_000",
        "",
        "-",
        "null",
        "x",
        '"',
        "'",
        "#",
        "1e999999999",
        "-0",
        "\x1b[2J",
        "٣",
        "1\x002",
    ]
)
FLOATS = st.floats().map(repr) | st.floats(0.01, 10).map(lambda v: f"{v:.4g}")
CELLS = FLOATS | st.integers(-3, 10**6).map(str) | ODD_NUMBERS


def _curve(shape: int, points: int, seed: int) -> list[float]:
    """Return a curve that a run might have: falling, rising, flat, diverging, jumping, with a NaN."""
    noise = random.Random(seed)  # noqa: S311 - no secret is made
    kinds: list[Callable[[int], float]] = [
        lambda i: 2 / (1 + i) + 0.1,
        lambda i: 0.1 * i,
        lambda _: 0.6931,
        lambda i: 2.0 ** min(i, 1000),
        lambda i: 2 / (1 + i) + (5 if i % 17 == 16 else 0),
        lambda i: float("nan") if i > points // 2 else 1 / (1 + i),
        lambda i: -i * 1e300,
        lambda _: 0.0,
    ]
    return [kinds[shape % len(kinds)](i) * (1 + 0.01 * noise.random()) for i in range(points)]


@st.composite
def curves(draw: st.DrawFn) -> dict[str, list[float]]:
    """Return columns of one length under names that logs use."""
    points = draw(st.sampled_from([1, 2, 3, 4, 5, 7, 12, 30, 60, 300, 2500]))
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    return {
        name: [float(i) for i in range(points)]
        if name in ("epoch", "step")
        else _curve(draw(st.integers(0, 7)), points, draw(st.integers(0, 99)))
        for name in names
    }


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Return a table as text: whole, with odd cells, with any separator and line end."""
    mark = draw(st.sampled_from([",", ";", "\t", "|", " ", "   ", ", "]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\r\n"]))
    if draw(st.booleans()):
        found = draw(curves())
        rows = [list(found), *([f"{v:.6g}" for v in row] for row in zip(*found.values(), strict=True))]
    else:
        width = draw(st.integers(1, 6))
        rows = [draw(st.lists(NAMES, min_size=width, max_size=width))]
        rows += draw(st.lists(st.lists(CELLS, min_size=max(1, width - 1), max_size=width + 1), max_size=30))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(rows) - 1))
        rows[at] = [*rows[at][:-1], draw(ODD_NUMBERS)]
    encoding = draw(
        st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
    )
    return end.join(mark.join(row) for row in rows).encode(encoding, "surrogatepass")


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | ODD_NUMBERS | st.text(max_size=8)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=30,
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Return JSON or JSON lines: histories, rows, trainer states, anything."""
    kind = draw(st.integers(0, 4))
    found = draw(curves())
    rows = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    if kind == 0:
        return json.dumps(found).encode()
    if kind == 1:
        return "\n".join(json.dumps(row) for row in rows).encode()
    if kind == 2:
        return json.dumps({"log_history": rows, "global_step": draw(LEAVES), "max_steps": 5}).encode()
    if kind == 3:
        return json.dumps(draw(DOCUMENTS)).encode("utf-8", "surrogatepass")
    return "\n".join(json.dumps(draw(DOCUMENTS)) for _ in range(draw(st.integers(1, 6)))).encode()


LINES = st.sampled_from(
    [
        "Epoch {i}: train loss {v:.4f} val loss {v:.3f}",
        "{i} | {v:.4f}",
        "step {i} loss={v:.4g} lr=1e-3",
        "\x1b[32m[{i}/9]\x1b[0m loss: {v:.3f}\r",
        "Traceback (most recent call last):",
        "RuntimeError: CUDA out of memory",
        "{i}/10 [====>...] - loss: {v:.4f} - accuracy: 0.5",
        "nothing here",
        "",
        "{{'loss': {v:.4f}, 'epoch': {i}}}",
        "val_loss: nan",
        "loss " * 50,
        "{i}%|####  | {i}/100 [00:01<00:02, 3.1it/s, loss={v:.2f}]",
    ]
)


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Return what a program might have printed."""
    layout = draw(st.lists(LINES, min_size=1, max_size=4))
    curve = _curve(draw(st.integers(0, 7)), draw(st.sampled_from([1, 3, 10, 80])), 0)
    lines = [line.format(i=i, v=v) for i, v in enumerate(curve) for line in layout]
    return "\n".join(lines).encode()


def _field(number: int, kind: int, payload: bytes) -> bytes:
    size = _varint(len(payload)) if kind == 2 else b""
    return _varint(number << 3 | kind) + size + payload


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _record(data: bytes, size: int | None = None) -> bytes:
    """Frame a record; `size` is what it claims instead of its own."""
    head = struct.pack("<Q", len(data) if size is None else size)
    return head + struct.pack("<I", masked_crc32c(head)) + data + struct.pack("<I", masked_crc32c(data))


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """Return an event file: scalars, records of any bytes, records that claim to be of another size."""
    out = [_record(_field(3, 2, b"brain.Event:2"))]
    for tag in draw(st.lists(NAMES, min_size=1, max_size=3)):
        for step, v in enumerate(_curve(draw(st.integers(0, 7)), draw(st.sampled_from([1, 5, 50])), 0)):
            single = struct.pack("<f", max(-3e38, min(3e38, v)))
            value = _field(1, 2, tag.encode()) + _field(2, 5, single)
            out.append(
                _record(
                    _field(1, 1, struct.pack("<d", step))
                    + _field(2, 0, _varint(step))
                    + _field(5, 2, _field(1, 2, value))
                )
            )
    for data in draw(st.lists(st.binary(max_size=40), max_size=3)):
        claimed = draw(st.none() | st.sampled_from([0, 1, 2**31, 2**60, 2**64 - 1]))
        out.insert(draw(st.integers(0, len(out))), _record(data, claimed))
    return b"".join(out)


ESCAPES = (
    b"\x1b[2J", b"\x1b]0;x\x07", b"[red]", b"[/]", b"<script>alert(1)</script>", b"\0", b"\r", b"\n", b"\xff\xfe", b"\xe2\x80\xae",
    b"9" * 400, b"1e999", b"nan", b"inf", b"-1e308", b"{", b"}", b"[" * 500, b'"', b",", b"#", b"%", b"\x80", b"=" * 99,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Blow:
    """Where a file is hit: bytes `low` to `high`, what comes from another file, and chance."""

    low: int
    high: int
    other: bytes
    chance: random.Random


def _flipped(content: bytes, blow: Blow) -> bytes:
    out = bytearray(content)
    for _ in range(blow.chance.randint(1, 8) if out else 0):
        out[blow.chance.randrange(len(out))] ^= 1 << blow.chance.randrange(8)
    return bytes(out)


def _duplicated(content: bytes, blow: Blow) -> bytes:
    piece = content[blow.low : min(blow.high, blow.low + 20_000)]
    return content[: blow.high] + piece * blow.chance.randint(1, 3) + content[blow.high :]


def _shuffled(content: bytes, blow: Blow) -> bytes:
    start = content.rfind(b"\n", 0, blow.low) + 1
    lines = content[start:].split(b"\n")
    blow.chance.shuffle(lines)
    return content[:start] + b"\n".join(lines)


def _encoded(content: bytes, blow: Blow) -> bytes:
    codec = blow.chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp037"))
    return content.decode("utf-8", "replace").encode(codec, "replace")


def _with_other_digits(content: bytes, blow: Blow) -> bytes:
    stop = blow.low + 200
    hit = content[blow.low : stop].translate(bytes.maketrans(b"0123456789.", b"99999999905"))
    return content[: blow.low] + hit + content[stop:]


DAMAGE: Mapping[str, Callable[[bytes, Blow], bytes]] = {
    "truncate": lambda content, blow: content[: blow.high],
    "behead": lambda content, blow: content[blow.low :],
    "flip": _flipped,
    "splice": lambda content, blow: content[: blow.low] + blow.other[len(blow.other) // 2 :],
    "insert other": lambda content, blow: content[: blow.low] + blow.other[:20_000] + content[blow.low :],
    "duplicate": _duplicated,
    "delete": lambda content, blow: content[: blow.low] + content[blow.high :],
    "shuffle lines": _shuffled,
    "encode": _encoded,
    "insert": lambda content, blow: content[: blow.low] + blow.chance.choice(ESCAPES) + content[blow.low :],
    "digits": _with_other_digits,
    "line ends": lambda content, blow: content.replace(
        b"\n", blow.chance.choice((b"\r\n", b"\r", b"", b"\n\n", b" "))
    ),
    "gzip": lambda content, blow: gzip.compress(content, mtime=0)[: max(20, blow.high)],
}
"""Ways to damage a file."""


def damaged(content: bytes, kind: str, a: float, b: float, other: bytes, seed: int) -> bytes:
    """Damage a file in one way; `a`, `b` (0..1) say where."""
    low, high = sorted((int(a * len(content)), int(b * len(content))))
    return DAMAGE[kind](content, Blow(low, high, other, random.Random(seed)))  # noqa: S311 - no secret is made


SHARES = st.floats(0, 1)


@st.composite
def real_files(draw: st.DrawFn) -> Case:
    """Return a real file, damaged up to three times, alone or among the files beside it."""
    seed = draw(_seeds())
    content, told = seed.content(), [seed.name]
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(sorted(DAMAGE)))
        content = damaged(
            content, kind, draw(SHARES), draw(SHARES), draw(_seeds()).content(), draw(st.integers(0, 9999))
        )
        told.append(kind)
    files = seed.beside() if draw(st.booleans()) else {}
    named = draw(st.sampled_from(["", seed.name]))
    return Case({**files, seed.name: content}, named, ", ".join(told))


@st.composite
def _seeds(draw: st.DrawFn) -> corpus.Seed:
    return draw(st.sampled_from(draw(st.sampled_from(corpus.folders()))))


FILE_NAMES = (
    "log.csv", "metrics.csv", "results.txt", "train.log", "history.json", "log.jsonl", "trainer_state.json", "events.out.tfevents.1.x",
    "progress.txt", "x.tsv", "a b.csv", "\x1b[31mred.csv", "[bold]x.csv", "<b>.csv", "new\nline.csv", "\udcff.csv", "x.gz", "noname",
)  # fmt: skip


@st.composite
def made_files(draw: st.DrawFn) -> Case:
    """Return one to three built files in a folder, one of them or all named."""
    kinds: Sequence[tuple[str, SearchStrategy[bytes]]] = (
        ("table", tables()),
        ("document", documents()),
        ("text", texts()),
        ("events", events()),
        ("bytes", st.binary(max_size=500)),
    )
    files: dict[str, bytes] = {}
    told: list[str] = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        kind, strategy = draw(st.sampled_from(kinds))
        files[draw(st.sampled_from(FILE_NAMES))] = draw(strategy)
        told.append(kind)
    return Case(files, draw(st.sampled_from(["", next(iter(files))])), ", ".join(told))


def cases() -> SearchStrategy[Case]:
    """Return every kind of input."""
    return made_files() | real_files()
