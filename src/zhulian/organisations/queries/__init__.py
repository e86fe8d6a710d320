"""The only reader of records: everything pages, the API and the gateway lane show about enterprises and machines.

Each function takes a :class:`~zhulian.organisations.tenancy.Scope` first and returns frozen values, never model
instances, with a number of statements that does not grow with the number of rows. What is out of sight raises
:class:`~zhulian.organisations.rules.NotVisibleError`, which Django answers with 404.
"""

from zhulian.organisations.queries.areas import AreaRow, areas_of, by_area, has_sample
from zhulian.organisations.queries.configuration import configuration, device_configuration
from zhulian.organisations.queries.enterprises import (
    EnterpriseFilter,
    EnterpriseRow,
    enterprise,
    enterprises,
    every_enterprise,
    names_of,
    own_enterprises,
)
from zhulian.organisations.queries.gateways import (
    GatewayRow,
    gateway,
    gateway_page,
    gateways,
    gateways_called,
    gateways_in_use,
    is_admitted,
    senders_called,
)
from zhulian.organisations.queries.lists import ENTERPRISE, GATEWAY, MACHINE, POINT, one_of
from zhulian.organisations.queries.machines import (
    Factory,
    MachineFilter,
    MachineRow,
    factory,
    machine,
    machine_of_point,
    machines,
)
from zhulian.organisations.queries.memberships import MemberRow, members
from zhulian.organisations.queries.points import (
    FoundPoint,
    PointFilter,
    PointRow,
    machines_of,
    point_rows,
    points,
    points_by_enterprise,
)
from zhulian.organisations.queries.quotas import QuotaRow, quotas_of
from zhulian.vocabulary.pages import LARGEST_PAGE, Page

__all__ = [
    "ENTERPRISE",
    "GATEWAY",
    "LARGEST_PAGE",
    "MACHINE",
    "POINT",
    "AreaRow",
    "EnterpriseFilter",
    "EnterpriseRow",
    "Factory",
    "FoundPoint",
    "GatewayRow",
    "MachineFilter",
    "MachineRow",
    "MemberRow",
    "Page",
    "PointFilter",
    "PointRow",
    "QuotaRow",
    "areas_of",
    "by_area",
    "configuration",
    "device_configuration",
    "enterprise",
    "enterprises",
    "every_enterprise",
    "factory",
    "gateway",
    "gateway_page",
    "gateways",
    "gateways_called",
    "gateways_in_use",
    "has_sample",
    "is_admitted",
    "machine",
    "machine_of_point",
    "machines",
    "machines_of",
    "members",
    "names_of",
    "one_of",
    "own_enterprises",
    "point_rows",
    "points",
    "points_by_enterprise",
    "quotas_of",
    "senders_called",
]
