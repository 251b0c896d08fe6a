"""Detectron2's `metrics.json`: a line every 20 iterations, and a line with the average precisions of each evaluation.

What the evaluators write (`bbox/AP`, with several data sets `coco_val/bbox/AP`) is of held-out data, though no name says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mlcheck.readers import json, json_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.readers.log import Channel, Log
    from mlcheck.readers.source import Source

NAME = "detectron2"
ORDER = 40
ROW = re.compile(rb'"eta_seconds"\s*:|"roi_head/|"fast_rcnn/')
COUNTED = re.compile(rb'"iteration"\s*:\s*\d')
EVALUATED = re.compile(
    r"(.+/)?(bbox|segm|keypoints|sem_seg|panoptic_seg|box_proposals)/.+|(.+/)?(mIoU|fwIoU|mACC|pACC|PQ|SQ|RQ)"
)


def sniff(source: Source) -> bool:
    """Say whether the lines are those of Detectron2's JSON writer."""
    is_object = source.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return is_object and ROW.search(source.head) is not None and COUNTED.search(source.head) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield the runs of the file: training that was begun again in the same folder is appended."""
    document = json_document.read(source.name, source.read_text().lstrip("\ufeff"))
    for log in json.logs(source, NAME, document):
        yield replace(log, channels=tuple(_with_split(c) for c in log.channels))


def _with_split(channel: Channel) -> Channel:
    return replace(channel, split="validation") if EVALUATED.fullmatch(channel.name) else channel
