"""``zhulian audit``: print the head of the trail, export it, and verify an export with nothing but the file.

``verify`` runs in the base install too: it imports neither Django nor a database.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zhulian.audit.rules.heads import Head, HeadError, read_head
from zhulian.audit.rules.verification import Report, Tampering, verify
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.settings import read_settings
from zhulian.wire.credentials import CredentialError, load_or_create_key, parse_public, public_text

INTACT, BROKEN = 0, 1
KINDS = {
    Tampering.CHANGED: Text("被改动", "changed"),
    Tampering.DELETED: Text("被删除", "deleted"),
    Tampering.REORDERED: Text("顺序被打乱", "reordered"),
    Tampering.INSERTED: Text("被插入", "inserted"),
    Tampering.TRUNCATED: Text("被截短", "truncated"),
    Tampering.FORGED: Text("被伪造", "forged"),
}


@click.group("audit", help="审计日志：导出、校验、链头。 / The audit trail: export, verify, head.")
def command() -> None:
    """Entries are chained, so nobody changes one unseen; a head kept elsewhere fixes all before it."""


@command.command("verify", help="只凭文件校验导出的日志。 / Verify an exported trail with nothing but the file.")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--head", "heads", multiple=True, metavar="HEAD", help="另处保存的链头，或存有它的文件。 / A head kept elsewhere."
)
@click.option(
    "--key", "keys", multiple=True, metavar="KEY", help="平台公钥，或存有它的文件。 / The platform's public key."
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 / Print JSON.")
def verify_file(file: Iterable[bytes], heads: tuple[str, ...], keys: tuple[str, ...], as_json: bool) -> None:
    """Exit code 0: whole and unchanged. 1: not so, the first break is named. 2: cannot be read or compared."""
    try:
        known = [_key(text) for text in keys]
        report = verify(file, keys=known, heads=[read_head(_text(text)) for text in heads])
    except (HeadError, CredentialError) as fault:
        raise click.UsageError(str(fault)) from fault
    click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2) if as_json else _words(report, bool(heads)))
    raise SystemExit(BROKEN if report.fault else INTACT)


@command.command("head", help="打印当前链头，供另处保存。 / Print the head, to be kept elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="带签名的一整行。 / The whole signed line.")
def head(as_json: bool) -> None:
    """Signs the head and keeps it as an anchor as well."""
    key = _awake()
    from zhulian.audit import workflows

    signed = workflows.anchor(key)
    if signed is None:
        raise click.ClickException("日志还是空的。 / The trail is still empty.")
    if as_json:
        click.echo(signed.line(), nl=False)
        return
    click.echo(f"链头 / head    {signed.short}\n时间 / time    {signed.time}\n公钥 / key     {signed.key}")


@command.command("export", help="导出日志到一个文件。 / Export the trail into one file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--first", type=click.IntRange(1), default=1, help="从第几条起。 / The first entry.")
@click.option("--last", type=click.IntRange(1), default=None, help="到第几条止。 / The last entry.")
def export(file: Path, first: int, last: int | None) -> None:
    """A whole range only, so that the chain stays verifiable. Signs the head first."""
    key = _awake()
    from zhulian.audit import queries, workflows

    workflows.anchor(key)
    algorithm = read_settings(os.environ)["ZHULIAN_AUDIT_HASH"]
    count = _write(file.resolve(), queries.trail_lines(key, algorithm, first, last))
    click.echo(f"✓ {file}：{count:,} 行 / lines")


@command.command("check", help="校验数据库里的整条日志。 / Verify the whole trail in the database.")
def check() -> None:
    """Exit code 1 when it is broken; ``zhulian doctor`` looks at the newest entries only."""
    key = _awake()
    from zhulian.audit import queries

    report = queries.check(key)
    click.echo(_words(report, has_head=True))
    raise SystemExit(BROKEN if report.fault else INTACT)


def _awake() -> Ed25519PrivateKey:
    from zhulian.portal.start import migrate, start_django

    start_django()
    migrate()
    return load_or_create_key(read_settings(os.environ).data.keys / "platform.pem")


def _write(file: Path, lines: Iterable[bytes]) -> int:
    """Whole or not at all; readable by the owner only."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=file.name, delete=False) as draft:
        count = sum(1 for line in lines if draft.write(line))
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(file)
    return count


def _key(text: str) -> str:
    """A public key as base64; a file may also hold the platform's private key (PEM), for use on the platform itself."""
    path = Path(text)
    if path.is_file() and path.read_bytes().startswith(b"-----BEGIN"):
        return public_text(load_or_create_key(path))
    known = _text(text).strip()
    parse_public(known)
    return known


def _text(given: str) -> str:
    """The text itself, or the content of the file that it names."""
    try:
        return Path(given).read_text("utf-8") if Path(given).is_file() else given
    except (OSError, ValueError):  # a long or strange text is no path
        return given


def _words(report: Report, has_head: bool) -> str:
    if report.fault is None:
        span = f"{report.first:,}–{report.last:,}"
        found = [
            f"✓ 完整，未被改动：第 {span} 条，共 {report.entries:,} 条，锚点 {report.anchors:,} 个",
            f"  Whole and unchanged: entries {report.first:,} to {report.last:,} ({report.entries:,}), "
            f"{report.anchors:,} anchors",
            f"  链头 / head {Head(report.last, report.hash).short}",
        ]
        if not (report.is_key_known or has_head):
            found.append(
                "! 只证明文件自身一致；要证明来自平台，请加 --key 或 --head"
                " / This shows that the file agrees with itself; add --key or --head to show where it comes from"
            )
        return "\n".join(found)
    place, kind = report.fault, KINDS[report.fault.kind]
    entry = f"，第 {place.sequence:,} 条 / entry {place.sequence:,}" if place.sequence is not None else ""
    where = f"第 {place.line:,} 行 / line {place.line:,}{entry}"
    return f"✗ {kind.zh} / {kind.en}：{where}\n  {place.what.zh}。\n  {place.what.en}."
