"""OPC UA's status codes (Part 4, 7.38) as causes a person can act on."""

from zhulian.edge.protocols.driver import DriverError
from zhulian.vocabulary.errors import Text

_CERTIFICATE = "Certificate"
_NODE_UNKNOWN = {"BadNodeIdUnknown", "BadNodeIdInvalid", "BadNodeIdRejected"}
_NODE_CLOSED = {"BadUserAccessDenied", "BadNotReadable", "BadAttributeIdInvalid", "BadSecurityModeInsufficient"}
_USER = {"BadUserAccessDenied", "BadIdentityTokenInvalid", "BadIdentityTokenRejected", "BadUserSignatureInvalid"}
_SECURITY = {"BadSecurityModeRejected", "BadSecurityPolicyRejected", "BadSecurityModeInsufficient"}
_CERTIFICATE_LIKE = {"BadSecurityChecksFailed", "BadNoValidCertificates"}


def server_refused(status: str, where: str) -> DriverError:
    """The server at ``where`` refused the connection with ``status``."""
    if _CERTIFICATE in status or status in _CERTIFICATE_LIKE:
        return _certificate(status, where)
    if status in _USER:
        return _user(status, where)
    if status in _SECURITY:
        return no_endpoint(where)
    return DriverError(
        "opcua_refused",
        Text(f"{where} 拒绝了会话（{status}）。", f"{where} refused the session ({status})."),
        Text(
            "网关会自动重试；若反复出现，请查看服务器日志。",
            "The gateway tries again; if this repeats, see the server's log.",
        ),
    )


def _certificate(status: str, where: str) -> DriverError:
    return DriverError(
        "opcua_certificate",
        Text(
            f"{where} 不接受网关的证书（{status}）。", f"{where} does not accept the gateway's certificate ({status})."
        ),
        Text(
            "请在服务器上信任网关的证书（网关状态文件夹的 secrets/opcua/certificate.der），并核对两边的时钟。",
            "Trust secrets/opcua/certificate.der of the gateway's state folder on the server, and check both clocks.",
        ),
    )


def _user(status: str, where: str) -> DriverError:
    return DriverError(
        "opcua_user",
        Text(f"{where} 不接受这个用户（{status}）。", f"{where} does not accept this user ({status})."),
        Text(
            "请核对选项 user 和 password，或在服务器上允许匿名。",
            "Check the options user and password, or allow anonymous access there.",
        ),
    )


def no_endpoint(where: str) -> DriverError:
    """The server offers no endpoint of the wanted security."""
    return DriverError(
        "opcua_security",
        Text(f"{where} 不提供所选的安全方式。", f"{where} offers no endpoint with this security."),
        Text(
            "请把选项 security 改为 none、sign 或 encrypt（Basic256Sha256）中服务器支持的一种。",
            "Set the option security to what the server offers: none, sign or encrypt (Basic256Sha256).",
        ),
    )


def no_identity(where: str) -> DriverError:
    """A secured connection needs a certificate, and there is no folder to keep its key in."""
    return DriverError(
        "opcua_no_identity",
        Text(
            f"加密连接 {where} 要用网关的证书，而这里没有网关的状态文件夹。",
            f"{where} needs the gateway's certificate, but there is no state folder of a gateway here.",
        ),
        Text(
            "请先用 zhulian edge run 启动一次网关，再试。",
            "Start the gateway once with zhulian edge run, then try again.",
        ),
    )


def identity_unwritable(folder: object, cause: OSError) -> DriverError:
    """The key or a certificate cannot be kept."""
    return DriverError(
        "opcua_identity_unwritable",
        Text(
            f"证书存不进 {folder}（{cause.strerror}）。", f"Certificates cannot be kept in {folder} ({cause.strerror})."
        ),
        Text("请检查磁盘空间和文件夹权限。", "Check free space and the folder's permissions."),
    )


def server_changed(where: str, file_name: str) -> DriverError:
    """The server shows another certificate than at the first connection."""
    return DriverError(
        "opcua_server_changed",
        Text(
            f"{where} 的证书与第一次连接时不同：服务器换过证书，或有人冒充。",
            f"{where} shows another certificate than at first: it was renewed, or somebody poses as the server.",
        ),
        Text(
            f"若确认服务器换过证书，请删除网关状态文件夹的 secrets/opcua/servers/{file_name}，网关会记住新的。",
            f"If it was renewed, delete secrets/opcua/servers/{file_name} in the gateway's state folder.",
        ),
    )


def not_opcua(where: str) -> DriverError:
    """Something answers there, but not OPC UA."""
    return DriverError(
        "not_opcua",
        Text(f"{where} 的应答不是 OPC UA。", f"What {where} answers is not OPC UA."),
        Text("请核对端口，OPC UA 一般用 4840。", "Check the port; OPC UA usually has 4840."),
    )


def bad_node_id(written: str) -> DriverError:
    """``written`` cannot be a node id at all."""
    return DriverError(
        "opcua_node_id",
        Text(f"“{written}”不是节点号。", f'"{written}" is no node id.'),
        Text(
            "请写成 ns=2;s=Temperature 或 ns=2;i=1001，也可用“浏览”选取。",
            "Write ns=2;s=Temperature or ns=2;i=1001, or pick it by browsing.",
        ),
    )


def node_failed(name: str, written: str) -> DriverError | None:
    """Status ``name`` for one node as a fault of its address; ``None`` when it is a state of the machine instead."""
    if name in _NODE_UNKNOWN:
        return DriverError(
            "opcua_node_unknown",
            Text(f"服务器上没有节点 {written}。", f"The server has no node {written}."),
            Text(
                "请核对命名空间和大小写，或用“浏览”选取。",
                "Check the namespace and the spelling, or pick it by browsing.",
            ),
        )
    if name not in _NODE_CLOSED:
        return None
    return DriverError(
        "opcua_node",
        Text(f"读不到 {written}：服务器应答 {name}。", f"{written} cannot be read: the server answered {name}."),
        Text(
            "请在服务器上检查该节点的读权限；文件夹要选其下的变量。",
            "Check the access rights on the server; of a folder choose a variable below it.",
        ),
    )


def no_number(written: str, kind: Text) -> DriverError:
    """The node holds a structure or an array."""
    return DriverError(
        "opcua_no_number",
        Text(f"{written} 的值是{kind.zh}，不能作为一个数记录。", f"{written} holds {kind.en}, which is not one value."),
        Text("请选取其下的一个变量。", "Choose one variable below it."),
    )
