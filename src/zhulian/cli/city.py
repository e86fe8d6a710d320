"""``zhulian city``: how a real city begins, without sample data: its map, its enterprises, its people."""

import secrets
from pathlib import Path

import click

from zhulian.cli.acting import at_records
from zhulian.vocabulary.roles import ROLE_NAMES, Role


@click.group("city")
def command() -> None:
    """The city itself: its map, enterprises and people. 本市：地图、企业、人员。"""


@command.command("map")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--remove", is_flag=True, help="Go back to the schematic map. 恢复示意地图。")
def map_(file: Path | None, *, remove: bool) -> None:
    """Use FILE (GeoJSON with adcode) as the map of the city. 用 FILE 作为本市地图。"""
    from zhulian.portal.map_import import import_map, remove_map

    if remove == (file is not None):
        raise click.UsageError("请给出一个文件，或用 --remove。/ Give a file, or --remove.")
    with at_records() as data:
        if file is None:
            done = (
                "已恢复示意地图。/ Back to the schematic map."
                if remove_map(data)
                else "本来就是示意地图。/ Already so."
            )
            click.echo(done)
            return
        missing = import_map(file, data)
    click.echo("地图已导入。/ The map is in use.")
    if missing:
        click.echo(f"地图上没有这些县区 / not on the map: {' '.join(missing)}")


@command.group("enterprise")
def enterprise() -> None:
    """Enterprises. 企业。"""


@enterprise.command("add")
@click.argument("name")
@click.option("--code", required=True, help="Unified social credit code. 统一社会信用代码。")
@click.option("--industry", required=True, help="GB/T 4754, such as C3360. 行业代码。")
@click.option("--district", required=True, help="Division code, such as 341502. 县区代码。")
@click.option("--area", default="", help="Reporting area where it is not the district. 统计归属。")
@click.option("--above-scale", is_flag=True, help="Above the statistical threshold. 规上企业。")
def add_enterprise(name: str, code: str, industry: str, district: str, area: str, *, above_scale: bool) -> None:
    """Open the file of an enterprise called NAME. 为企业 NAME 建档。"""
    with at_records():
        from zhulian.organisations.tenancy import SYSTEM
        from zhulian.organisations.workflows import NewEnterprise, create_enterprise

        made = create_enterprise(SYSTEM, NewEnterprise(name, code, industry, district, area, above_scale))
    click.echo(f"企业编号 / enterprise number: {made}")


@command.group("user")
def user() -> None:
    """People who can sign in. 用户。"""


@user.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What they are. 角色。")
@click.option("--enterprise", "enterprise_number", type=int, help="For engineers and owners. 企业编号。")
@click.option("--place", default="", help="For county officers, such as 341502. 县区代码。")
@click.option("--name", default="", help="Full name. 姓名。")
@click.option("--email", default="", help="May be used to sign in. 邮箱。")
@click.option("--generate", is_flag=True, help="Make a password and show it once. 生成密码，只显示一次。")
def add_user(  # noqa: PLR0917 - click's own way
    username: str, role: str, enterprise_number: int | None, place: str, name: str, email: str, *, generate: bool
) -> None:
    """Give USERNAME an account with one role. 新建账号 USERNAME。"""
    password = _password(generate=generate)
    with at_records():
        from django.db import transaction

        from zhulian.organisations.tenancy import SYSTEM
        from zhulian.organisations.workflows import create_user, give_role

        with transaction.atomic():
            create_user(SYSTEM, username, password, full_name=name, email=email)
            give_role(SYSTEM, username, Role(role), enterprise=enterprise_number, place=place)
    click.echo(f"已建立 / made: {username}（{ROLE_NAMES[Role(role)]}）")
    _show(password, generate=generate)


@user.command("password")
@click.argument("username")
@click.option("--generate", is_flag=True, help="Make a password and show it once. 生成密码，只显示一次。")
def new_password(username: str, *, generate: bool) -> None:
    """Set a new password for USERNAME. 重设 USERNAME 的密码。"""
    password = _password(generate=generate)
    with at_records():
        from zhulian.organisations.tenancy import SYSTEM
        from zhulian.organisations.workflows import set_password

        set_password(SYSTEM, username, password)
    click.echo("密码已更换。/ The password is new.")
    _show(password, generate=generate)


@user.command("close")
@click.argument("username")
def close(username: str) -> None:
    """Shut the account of USERNAME. 停用账号 USERNAME。"""
    with at_records():
        from zhulian.organisations.tenancy import SYSTEM
        from zhulian.organisations.workflows import close_user

        close_user(SYSTEM, username)
    click.echo("账号已停用。/ The account is shut.")


def _password(*, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(12)
    return str(click.prompt("密码 / password", hide_input=True, confirmation_prompt="再输一遍 / again"))


def _show(password: str, *, generate: bool) -> None:
    if generate:
        click.echo(f"密码只显示这一次 / the password, shown only now: {password}")
