"""The city's figures and map, search, queued work."""

from peers.doors.door import Door, nothing
from peers.doors.roles import ADMINISTRATOR, PEOPLE

DOORS = {
    # Everybody gets their own part of them.
    "home": Door(PEOPLE),
    "city_map": Door(PEOPLE),
    "city_readings": Door(PEOPLE),
    "origin_city": Door(PEOPLE, fill=lambda _: {"figure": "machines"}),
    "suggest": Door(PEOPLE, query=lambda tenant: {"q": tenant.marker, "for": "search"}),
    "search": Door(PEOPLE, query=lambda tenant: {"q": tenant.marker}),
    "jobs": Door(ADMINISTRATOR, exports=True),
    "job": Door(ADMINISTRATOR, lambda _: {"name": "jobs.prune"}, form=nothing, changed_by=ADMINISTRATOR, exports=True),
}
