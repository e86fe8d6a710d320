"""Makes the sample city's records through the same workflows that a real city uses. Safe to call again."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from zhulian import __version__
from zhulian.cli.demo import desk, kept, lists, register, terms
from zhulian.cli.demo import plan as plans
from zhulian.cli.demo.enterprises import invented
from zhulian.cli.demo.factories import FACTORIES, Factory
from zhulian.cli.demo.people import BODIES, OTHERS, PASSWORD, PEOPLE
from zhulian.cli.demo.plan import Plan
from zhulian.edge.enrolment import Identity, StateFolder
from zhulian.organisations import workflows
from zhulian.organisations.models import Delegation, Enterprise, Gateway, Invitation, Machine, Organisation, User
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows.events import Seat
from zhulian.vocabulary.roles import Role
from zhulian.vocabulary.settings import Settings
from zhulian.wire.credentials import public_text

MAYOR = SYSTEM
"""May do everything: the command line is the machine's own administrator."""


def make(settings: Settings, plan: Plan, show: Callable[[str], None]) -> None:
    """Enterprises, people, gateways and machines; what exists already is left as it is."""
    _enterprises()
    show(f"{len(invented())} 家虚构企业 / invented enterprises")
    for factory in FACTORIES:
        _factory(settings, plan, factory)
    show(
        f"{len(FACTORIES)} 家联网工厂、{sum(len(f.machines) for f in FACTORIES)} 台设备 / connected factories, machines"
    )
    _people()
    show(f"{register.make()} 家单位 / organisations")
    lists.make()
    desk.make(FACTORIES[0].enterprise)
    kept.make()
    terms.make()


def _enterprises() -> None:
    present = set(Enterprise.objects.values_list("credit_code", flat=True))
    for row in invented():
        if row.credit_code not in present:
            workflows.create_enterprise(
                MAYOR,
                workflows.NewEnterprise(
                    name=row.name,
                    credit_code=row.credit_code,
                    industry=row.industry,
                    district=row.district,
                    reporting_area=row.reporting_area,
                    above_scale=row.above_scale,
                    is_sample=True,
                ),
            )


def _enterprise_of(key: str) -> Enterprise:
    factory = next(each for each in FACTORIES if each.key == key)
    return Enterprise.objects.get(name=factory.enterprise)


def _factory(settings: Settings, plan: Plan, factory: Factory) -> None:
    gateway = _gateway(settings, factory)
    present = set(Machine.objects.filter(gateway=gateway, removed_at=None).values_list("name", flat=True))
    for machine in factory.machines:
        if machine.name not in present:
            draft = workflows.MachineDraft(
                gateway=gateway.pk,
                device=machine.device(plan.address(factory, machine.protocol)),
                workshop=machine.workshop,
                kind=machine.kind,
                source_note=machine.source_note,
            )
            workflows.save_machine(MAYOR, draft, announce=_nobody_listens)


def _nobody_listens(gateway: int, version: int) -> None:
    """The sample gateways are not running yet; they ask for their configuration when they start."""
    del gateway, version


def _gateway(settings: Settings, factory: Factory) -> Gateway:
    """The factory's gateway, enrolled with a key of its own as if somebody had typed the code."""
    enterprise = _enterprise_of(factory.key)
    found = Gateway.objects.filter(enterprise=enterprise, name=factory.gateway).first()
    number = found.pk if found else workflows.create_gateway(MAYOR, enterprise.pk, factory.gateway)
    file = plans.gateway_file(settings.data, factory)
    folder = StateFolder(file.parent / "state")
    folder.create()
    if found is None or not found.public_key:
        code = workflows.create_code(MAYOR, number, _administrator())
        workflows.enrol(code.text, public_text(folder.key()), __version__)
    identity = Identity(
        gateway=number, enterprise=enterprise.name, platform_url=settings.portal_url, ingest_url=settings.ingest_url
    )
    folder.save_identity(identity)
    file.write_text(_toml(factory, settings.portal_url), encoding="utf-8")
    return Gateway.objects.get(pk=number)


def _toml(factory: Factory, url: str) -> str:
    return f'[gateway]\nname = "{factory.gateway}"\nstate = "state"\nstatus_port = 0\n\n[platform]\nurl = "{url}"\n'


def _administrator() -> User:
    name = next(person.username for person in PEOPLE if person.role == "administrator")
    return User.objects.filter(username=name).first() or User.objects.get(
        pk=workflows.create_user(MAYOR, name, PASSWORD, full_name="平台管理员")
    )


def _people() -> None:
    for person in (*PEOPLE, *OTHERS):
        if not User.objects.filter(username=person.username).exists():
            workflows.create_user(SYSTEM, person.username, PASSWORD, full_name=person.full_name)
        workflows.give_role(
            SYSTEM,
            person.username,
            person.role,
            enterprise=_enterprise_of(person.factory).pk if person.factory else None,
            organisation=_body_of(person.role),
            place=person.place,
            leads=person.role in BODIES,
        )
    _goings_on()


def _body_of(role: Role) -> int | None:
    """The sample organisation in which a role is held."""
    if role not in BODIES:
        return None
    kind, name = BODIES[role]
    found = Organisation.objects.filter(kind=kind, is_sample=True).order_by("pk").first()
    return (found or Organisation.objects.create(kind=kind, name=name, is_sample=True)).pk


def _goings_on() -> None:
    """One open invitation and one delegation, so that the pages about them are not empty."""
    owner, engineer = (User.objects.get(username=name) for name in ("owner", "engineer"))
    scope, now = visible_to(owner), timezone.now()
    if not Invitation.objects.filter(created_by=owner).exists():
        seat = Seat(Role.ENGINEER, enterprise=_enterprise_of("steel").pk)
        workflows.invite(scope, workflows.NewInvitation(seat, name="何工（演示）", days=14))
    if not Delegation.objects.filter(person=owner).exists():
        workflows.delegate(scope, owner.pk, engineer.pk, now, now + timedelta(days=14), reason="外出参会（演示）")
