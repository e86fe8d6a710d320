"""A process of its own that writes to the trail: ``python -m peers.trail_writer write COUNT | export FILE``.

``write`` prints each number once its transaction is committed; some transactions hold several entries, and some are
rolled back. The migrated database is the one that the environment names.
"""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.db import transaction

from zhulian.audit.rules import Actor, Draft, Subject
from zhulian.wire.credentials import load_or_create_key

SUBJECT = Subject("enterprise", 3, "示例机械")


def write(count: str) -> None:
    from zhulian.audit.workflows import record, record_all

    me = Actor(os.getpid(), f"进程 {os.getpid()}")
    for number in range(int(count)):
        with transaction.atomic():
            record(me, "enterprise.changed", SUBJECT, organisation=3, changes={"name": (None, str(number))})
            record_all([Draft(me, "machine.changed", SUBJECT, 3, {"n": (0, each + 1)}) for each in range(number % 3)])
            if number % 7 == 6:
                transaction.set_rollback(True)
        if number % 7 != 6:
            sys.stdout.write(f"{me.person} {number}\n")
            sys.stdout.flush()


def export(file: str) -> None:
    from zhulian.audit import queries, workflows

    key = load_or_create_key(settings.ZHULIAN.data.keys / "platform.pem")
    workflows.anchor(key)
    Path(file).write_bytes(b"".join(queries.trail_lines(key, "sha256")))


if __name__ == "__main__":
    django.setup()
    {"write": write, "export": export}[sys.argv[1]](*sys.argv[2:])
