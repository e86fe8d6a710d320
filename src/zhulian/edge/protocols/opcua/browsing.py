"""What a server has to offer, one folder at a time, with a sample of each value so that a person knows what it is."""

from asyncua import Client, ua
from asyncua.common.node import Node as UaNode

from zhulian.wire.asks import Node

LARGEST_LIST = 500
_SHOWN = ua.NodeClass.Object | ua.NodeClass.Variable


async def children(client: Client, start: UaNode) -> list[Node]:
    """Up to :data:`LARGEST_LIST` folders and variables below ``start``, folders first."""
    (there,) = await client.uaclient.read_attributes([start.nodeid], ua.AttributeIds.NodeClass)
    if there.StatusCode is not None:
        there.StatusCode.check()
    found = await start.get_children_descriptions(refs=ua.ObjectIds.HierarchicalReferences, nodeclassmask=_SHOWN)
    shown = [each for each in found if each.NodeId.NamespaceIndex != 0 or each.NodeClass == ua.NodeClass.Object]
    shown = shown[:LARGEST_LIST]
    variables = [each for each in shown if each.NodeClass == ua.NodeClass.Variable]
    samples = await _samples(client, [each.NodeId for each in variables])
    folders = [_node(each, None) for each in shown if each.NodeClass != ua.NodeClass.Variable]
    return folders + [_node(each, sample) for each, sample in zip(variables, samples, strict=True)]


async def _samples(client: Client, nodes: list[ua.NodeId]) -> list[ua.DataValue]:
    return await client.uaclient.read_attributes(nodes, ua.AttributeIds.Value) if nodes else []


def _node(description: ua.ReferenceDescription, sample: ua.DataValue | None) -> Node:
    name = description.DisplayName.Text or description.BrowseName.Name
    value = None if sample is None else sample.Value
    return Node(
        address=description.NodeId.to_string(),
        name=str(name),
        is_folder=sample is None,
        type="" if value is None else value.VariantType.name,
        sample="" if value is None or value.Value is None else str(value.Value)[:80],
    )
