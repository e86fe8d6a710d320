"""The supervisor with tiny children: order, restart, pauses, and nobody left behind."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zhulian.cli.ports import holder
from zhulian.cli.supervisor import LONGEST_LINE_BYTES, NeverReadyError, Part, Supervisor, pause_s

LIVE = "import time; print('up', flush=True)\nwhile True: time.sleep(60)"
STUBBORN = (
    "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\n"
    "while True: time.sleep(60)"
)


def child(name: str, code: str, grace_s: float = 10.0, needs: tuple[str, ...] = ()) -> Part:
    return Part(name, (sys.executable, "-c", code), ready_line="up", grace_s=grace_s, needs=needs)


class Heard:
    """What the supervisor said."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.news = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self.news.set()

    async def until(self, words: str) -> None:
        while not any(words in line for line in self.lines):
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 60)


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


def supervise(folder: Path, *parts: Part, heard: Heard | None = None, wait: object = no_wait) -> Supervisor:
    return Supervisor(parts, dict(os.environ), folder, heard or Heard(), wait)  # type: ignore[arg-type]


async def test_starts_in_order_and_stops_in_reverse(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    note = "import sys,signal,time; say = lambda w: open(DIARY, 'a').write(w + '\\n')\n"
    code = (
        f"DIARY = {str(diary)!r}\n{note}"
        "signal.signal(signal.SIGTERM, lambda *_: (say('-NAME'), sys.exit(0)))\n"
        "say('+NAME'); print('up', flush=True)\nwhile True: time.sleep(60)"
    )
    needs = {"a": (), "b": ("a",), "c": ("a", "b")}
    supervisor = supervise(tmp_path, *(child(name, code.replace("NAME", name), needs=needs[name]) for name in "abc"))
    await supervisor.start()
    await supervisor.stop()
    assert diary.read_text().split() == ["+a", "+b", "+c", "-c", "-b", "-a"]


async def test_a_part_waits_until_those_it_needs_are_ready(tmp_path: Path) -> None:
    never = child("a", "import time; time.sleep(60)", grace_s=1)
    supervisor = supervise(tmp_path, never, child("b", LIVE, needs=("a",)))
    starting = asyncio.create_task(supervisor.start())
    first, second = supervisor.keepers
    while not first.process_id:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert second.process_id == 0
    starting.cancel()
    await supervisor.stop()


async def test_parts_that_need_nothing_start_at_once(tmp_path: Path) -> None:
    """The one that never gets ready keeps nobody waiting, nor does one that does not run here."""
    never, heard = child("a", "import time; time.sleep(60)", grace_s=1), Heard()
    supervisor = supervise(tmp_path, never, child("b", LIVE, needs=("elsewhere",)), heard=heard)
    starting = asyncio.create_task(supervisor.start())
    await heard.until("✓ b")
    assert not starting.done()
    starting.cancel()
    await supervisor.stop()


async def test_starts_a_part_again_with_growing_pauses(tmp_path: Path) -> None:
    pauses: list[float] = []
    enough = asyncio.Event()

    async def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) >= 4:
            enough.set()
            await asyncio.Event().wait()

    supervisor = supervise(tmp_path, child("a", "print('up', flush=True); raise SystemExit(3)"), wait=wait)
    await supervisor.start()
    await asyncio.wait_for(enough.wait(), 60)
    await supervisor.stop()
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_the_pause_is_bounded() -> None:
    assert pause_s(1) == 0.5
    assert pause_s(6) == 16.0
    assert pause_s(7) == 30.0
    assert pause_s(500) == 30.0


async def test_others_live_on_when_one_is_killed(tmp_path: Path) -> None:
    heard = Heard()
    supervisor = supervise(tmp_path, child("a", LIVE), child("b", LIVE), heard=heard)
    await supervisor.start()
    first, second = supervisor.keepers
    killed, survivor = first.process_id, second.process_id
    os.kill(killed, signal.SIGKILL)
    await heard.until("a 退出（-9）")
    await asyncio.wait_for(first.ready.wait(), 60)
    assert first.process_id != killed
    assert second.process_id == survivor
    assert _alive(survivor)
    await supervisor.stop()
    assert not _alive(survivor)


async def test_a_worker_left_behind_is_ended_with_its_part(tmp_path: Path) -> None:
    """It holds the part's pipe and port: the part could neither be noticed as ended nor started again."""
    worker = "import subprocess,sys,time; w = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    heard = Heard()
    code = worker + "print(w.pid, flush=True); print('up', flush=True); time.sleep(60)"
    supervisor = supervise(tmp_path, child("a", code), heard=heard)
    await supervisor.start()
    keeper = supervisor.keepers[0]
    worker_id = int((tmp_path / "a.log").read_text().split()[0])
    os.kill(keeper.process_id, signal.SIGKILL)
    await heard.until("a 退出")
    await _until_gone([worker_id])
    await supervisor.stop()


async def test_a_child_that_will_not_stop_is_ended(tmp_path: Path) -> None:
    heard = Heard()
    supervisor = supervise(tmp_path, child("a", STUBBORN, grace_s=0.2), heard=heard)
    await supervisor.start()
    await supervisor.stop()
    assert any("did not stop" in line for line in heard.lines)
    assert not _alive(supervisor.keepers[0].process_id)


async def test_gives_up_on_a_part_that_never_gets_ready(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, child("a", LIVE), child("b", "print('no licence'); raise SystemExit(1)"))
    with pytest.raises(NeverReadyError) as told:
        await supervisor.start()
    assert (told.value.name, told.value.last_line) == ("b", "no licence")
    await supervisor.stop()


async def test_a_part_ready_by_probe(tmp_path: Path) -> None:
    asked = []

    async def is_ready() -> bool:
        asked.append(1)
        return len(asked) > 1

    supervisor = supervise(tmp_path, Part("a", (sys.executable, "-c", "import time; time.sleep(60)"), is_ready, "", 1))
    await supervisor.start()
    await supervisor.stop()
    assert len(asked) == 2


async def test_endless_lines_are_cut(tmp_path: Path) -> None:
    code = "import sys,time; sys.stdout.write('x' * 300_000 + '\\nup\\n'); sys.stdout.flush(); time.sleep(60)"
    supervisor = supervise(tmp_path, child("a", code))
    await supervisor.start()
    await supervisor.stop()
    lines = (tmp_path / "a.log").read_text().splitlines()
    assert max(len(line) for line in lines) <= LONGEST_LINE_BYTES
    assert lines[-1] == "up"


def test_the_holder_of_a_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert f"({os.getpid()})" in holder(taken.getsockname()[1])


PARENT = """
import asyncio, os, sys
from pathlib import Path
from zhulian.cli.supervisor import Part, Supervisor
code = "import time; print('up', flush=True); time.sleep(60)"
parts = [Part(name, (sys.executable, "-c", code), ready_line="up") for name in "ab"]

async def main():
    supervisor = Supervisor(parts, dict(os.environ), Path(sys.argv[1]), lambda line: None)
    await supervisor.start()
    print(*(keeper.process_id for keeper in supervisor.keepers), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's own")
async def test_no_orphans_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:  # noqa: ASYNC220
        assert parent.stdout is not None
        children = [int(word) for word in parent.stdout.readline().split()]
        assert len(children) == 2
        parent.kill()
    await _until_gone(children)


async def _until_gone(processes: list[int]) -> None:
    deadline = time.monotonic() + 50
    while any(_alive(pid) for pid in processes):
        assert time.monotonic() < deadline, "somebody was left behind"
        await asyncio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
