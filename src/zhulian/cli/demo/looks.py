"""What officers of the sample city looked at, so that 谁看过我的数据 does not open empty; once, and signed."""

from django.conf import settings

from zhulian.audit.models import Sighting
from zhulian.audit.rules import Subject
from zhulian.audit.workflows import anchor
from zhulian.organisations import queries
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.looks import shown
from zhulian.wire.credentials import load_or_create_key


def make() -> None:
    """The bureau opens each file, and the machines of each; a second time changes nothing."""
    if Sighting.objects.exists():
        return
    scope = visible_to(User.objects.get(username="bureau"))
    for firm in queries.enterprises(scope, queries.EnterpriseFilter(), 1, 3).rows:
        shown(scope, "enterprise", Subject("enterprise", firm.id, firm.name), firm.id)
        for machine in queries.machines(scope, queries.MachineFilter(enterprise=firm.id), 1, 2).rows:
            shown(scope, "machine", Subject("machine", machine.id, machine.name), firm.id)
    anchor(load_or_create_key(settings.ZHULIAN.data.keys / "platform.pem"))
