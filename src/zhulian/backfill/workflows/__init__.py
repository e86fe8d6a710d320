"""The only writer of this room: a file is taken in, its columns are chosen, it begins, is carried, may be stopped.

``describing``: what a file says about itself. ``taking_in``: it becomes a draft. ``choosing``: how it is read.
``beginning``: it waits for its carrier, or is stopped. ``carrying``: to its end. ``permission``: who may.
"""

from zhulian.backfill.workflows.beginning import begin, stop
from zhulian.backfill.workflows.carrying import carry, next_waiting
from zhulian.backfill.workflows.choosing import choose
from zhulian.backfill.workflows.permission import may_backfill
from zhulian.backfill.workflows.taking_in import most_upload_mb, name_file, upload

__all__ = [
    "begin",
    "carry",
    "choose",
    "may_backfill",
    "most_upload_mb",
    "name_file",
    "next_waiting",
    "stop",
    "upload",
]
