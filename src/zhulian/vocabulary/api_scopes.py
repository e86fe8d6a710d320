"""What a key for programs may be given: each word opens one part of the public interface, for reading."""

from zhulian.vocabulary.errors import Text

API_SCOPES = {
    "records:read": Text("读取企业、网关、设备和点位", "Read enterprises, gateways, machines and points"),
    "readings:read": Text("读取读数", "Read readings"),
    "facts:read": Text("读取事实", "Read facts"),
    "alarms:read": Text("读取报警", "Read alarms"),
}
"""A new part of the interface adds its word here and asks for it in its router (``portal.api.access.may``)."""
