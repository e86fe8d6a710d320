"""The only writer of this room: a file is taken in, its columns are chosen, it begins, is carried, may be stopped.

``describing``: what a file says about itself. ``taking_in``: it becomes a draft. ``choosing``: how it is read.
``beginning``: it waits for its carrier, or is stopped. ``carrying``: to its end. ``permission``: who may.
"""

from zhulian.backfill.workflows.beginning import begin, begin_file, stop
from zhulian.backfill.workflows.carrying import carry, next_waiting
from zhulian.backfill.workflows.choosing import choose, read_as
from zhulian.backfill.workflows.describing import Described, describe
from zhulian.backfill.workflows.permission import may_backfill
from zhulian.backfill.workflows.taking_in import most_upload_mb, upload

__all__ = [
    "Described",
    "begin",
    "begin_file",
    "carry",
    "choose",
    "describe",
    "may_backfill",
    "most_upload_mb",
    "next_waiting",
    "read_as",
    "stop",
    "upload",
]
