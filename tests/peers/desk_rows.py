"""A task, a message and a channel for each enterprise of the world, with its marker in every text: for the walk."""

from peers.records import Tenant, World
from zhulian.desk import workflows
from zhulian.desk.calendar import today
from zhulian.desk.models import Channel
from zhulian.desk.rules import Audience
from zhulian.organisations.tenancy import SYSTEM
from zhulian.returns.workflows import NewReporting, open_reporting
from zhulian.vocabulary.errors import Text


def walk_key(tenant: Tenant) -> str:
    """The key of the tenant's rows, and the name of its channel."""
    return f"{tenant.marker} desk"


def make_desk(world: World) -> None:
    """Rows that only the people of one enterprise may see; the channel's delivery waits in the outbox."""
    for tenant in (world.a, world.b):
        key, audience = walk_key(tenant), Audience(enterprise=tenant.enterprise)
        words = Text(f"{tenant.marker} words", f"{tenant.marker} words")
        Channel.objects.create(name=key, kind="json", url="https://192.0.2.1/", enterprise_id=tenant.enterprise)
        new = NewReporting("digital_basics", f"{key} form", [tenant.enterprise], today(), 5, "walk")
        open_reporting(SYSTEM, new, today())
        workflows.open_task(key, words, "/", audience, source="walk")
        workflows.send(workflows.NewMessage(key, "walk", words, words), audience)
