"""The desk: a task and a message of the walk are for everybody in one enterprise; how messages leave the house."""

from peers.desk_rows import walk_key
from peers.doors.door import Door, nothing
from peers.doors.roles import ADMINISTRATOR, NOBODY, OF_A, OWN_A, PEOPLE
from peers.records import Tenant
from zhulian.desk.models import Channel, Delivery, Message, Task

YEAR = {"year": 2027, "notice": "n", "title": "t", "source": "s", "holidays": "2027-10-01 国庆节"}


def task(tenant: Tenant) -> dict[str, object]:
    return {"task_id": Task.objects.get(key=walk_key(tenant)).pk}


def message(tenant: Tenant) -> dict[str, object]:
    return {"message_id": Message.objects.get(key=walk_key(tenant)).pk}


def channel(tenant: Tenant) -> dict[str, object]:
    return {"channel_id": Channel.objects.get(name=walk_key(tenant)).pk}


def delivery(tenant: Tenant) -> dict[str, object]:
    return {"delivery_id": Delivery.objects.get(channel__name=walk_key(tenant)).pk}


DOORS = {
    "desk": Door(PEOPLE, exports=True),
    "messages": Door(PEOPLE, exports=True, form=nothing, changed_by=PEOPLE),
    "working_days": Door(PEOPLE, form=lambda _: {**YEAR}, changed_by=ADMINISTRATOR),
    "task": Door(OF_A, task, form=lambda _: {"act": "take", "revision": 1}, changed_by=OF_A),
    "message": Door(OF_A, message),
    "preferences": Door(
        PEOPLE,
        form=lambda tenant: {"enterprise": tenant.enterprise, "email": "off"},
        changed_by=OWN_A,
    ),
    "channels": Door(ADMINISTRATOR, form=lambda _: {"name": "posted", "kind": "json"}, changed_by=ADMINISTRATOR),
    "channel": Door(ADMINISTRATOR, channel, form=lambda _: {"act": "close"}, changed_by=ADMINISTRATOR),
    "mail_test": Door(NOBODY, form=nothing, changed_by=ADMINISTRATOR),
    "delivery_again": Door(NOBODY, delivery, form=nothing, changed_by=ADMINISTRATOR),
}
