"""The command ``zhulian``. Each sub-command is a module of this folder with a click command called ``command``.

Modules are imported when they are asked for, so that a gateway starts without the platform's parts and ``--help`` is
quick.
"""

import importlib
import pkgutil

import click

import zhulian.cli
from zhulian import __version__
from zhulian.vocabulary.errors import ZhulianError

_NOT_COMMANDS = frozenset(
    {"main", "acting", "supervisor", "lifeline", "ports", "archive", "records", "bench", "imports", "backfill"}
)
_ALIASES = {"bench": "zhulian.cli.bench.command", "import": "zhulian.cli.imports"}
"""Commands whose module is not simply named after them."""


class Lazy(click.Group):
    """Finds sub-commands by file name and imports only the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every module here that is a command."""
        del ctx
        modules = {module.name for module in pkgutil.iter_modules(zhulian.cli.__path__)}
        return sorted(modules - _NOT_COMMANDS | set(_ALIASES))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or a stand-in that says which extra it needs."""
        if cmd_name not in self.list_commands(ctx):
            return None
        try:
            module = importlib.import_module(_ALIASES.get(cmd_name, f"zhulian.cli.{cmd_name}"))
        except ModuleNotFoundError as fault:
            if (fault.name or "").startswith("zhulian"):
                raise
            return _needs_extra(cmd_name, fault.name or "")
        found: click.Command = module.command
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Our own errors as a sentence and exit code 1; a traceback is for errors that are not ours."""
        try:
            return super().invoke(ctx)
        except ZhulianError as fault:
            raise click.ClickException(str(fault)) from fault
        except ModuleNotFoundError as fault:
            if (fault.name or "").startswith("zhulian"):
                raise
            raise click.ClickException(_lacks(ctx.invoked_subcommand or "", fault.name or "")) from fault


def _needs_extra(name: str, missing: str) -> click.Command:
    def refuse() -> None:
        raise click.ClickException(_lacks(name, missing))

    options = {"ignore_unknown_options": True, "allow_extra_args": True}
    help_text = "需要安装 zhulian[city]。 / Needs zhulian[city]."
    return click.Command(name, callback=refuse, context_settings=options, help=help_text)


def _lacks(name: str, missing: str) -> str:
    return (
        f"“zhulian {name}”需要 {missing}，当前只装了网关部分。请安装完整平台：pip install 'zhulian[city]'。"
        f' / "zhulian {name}" needs {missing}, which the gateway install leaves out.'
        " Install the platform: pip install 'zhulian[city]'."
    )


@click.group(cls=Lazy)
@click.version_option(__version__, prog_name="zhulian")
def main() -> None:
    """筑联：开放的市级工业互联网平台。 / An open municipal industrial internet platform."""


if __name__ == "__main__":
    main()
