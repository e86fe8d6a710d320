"""The catalogue of actions: every word that an entry may carry, and the sentence that a person reads.

A workflow that records needs its line here; a test compares the two. ``{actor}`` and ``{subject}`` are names at that
moment. Add your room's block below; an action is never renamed, since old entries keep their words.
"""

from collections.abc import Mapping
from typing import Final

from zhulian.vocabulary.errors import Text

ACTIONS: Final[Mapping[str, Text]] = {
    # signing in
    "session.signed_in": Text("{actor}登录了平台", "{actor} signed in"),
    "session.signed_out": Text("{actor}退出了平台", "{actor} signed out"),
    "session.refused": Text("以“{subject}”登录没有成功", "Signing in as “{subject}” failed"),
    # accounts and roles
    "account.created": Text("{actor}建立了账号“{subject}”", "{actor} made the account “{subject}”"),
    "account.closed": Text("{actor}停用了账号“{subject}”", "{actor} closed the account “{subject}”"),
    "account.password_set": Text("{actor}为“{subject}”设了新密码", "{actor} set a new password for “{subject}”"),
    "account.role_given": Text("{actor}给了“{subject}”一个角色", "{actor} gave “{subject}” a role"),
    "account.role_taken": Text("{actor}收回了“{subject}”的一个角色", "{actor} took a role from “{subject}”"),
    "account.handed_over": Text("{actor}交接了“{subject}”的全部事项", "{actor} handed over everything of “{subject}”"),
    "account.hand_over_undone": Text("{actor}撤销了“{subject}”的交接", "{actor} undid the hand-over of “{subject}”"),
    "invitation.made": Text("{actor}邀请了“{subject}”", "{actor} invited “{subject}”"),
    "invitation.withdrawn": Text("{actor}撤回了对“{subject}”的邀请", "{actor} withdrew the invitation of “{subject}”"),
    "invitation.accepted": Text("{actor}接受邀请，开通了账号", "{actor} accepted the invitation"),
    "delegation.made": Text("{actor}请“{subject}”代理一段时间", "{actor} made “{subject}” deputy for a period"),
    "delegation.ended": Text("{actor}结束了“{subject}”的代理", "{actor} ended the delegation to “{subject}”"),
    "key.made": Text("{actor}生成了接口密钥“{subject}”", "{actor} made the key “{subject}”"),
    "key.revoked": Text("{actor}停用了接口密钥“{subject}”", "{actor} revoked the key “{subject}”"),
    # enterprises
    "enterprise.created": Text("{actor}为“{subject}”建立了企业档案", "{actor} opened the file of “{subject}”"),
    "enterprise.changed": Text("{actor}修改了“{subject}”的企业档案", "{actor} changed the file of “{subject}”"),
    "enterprise.import_undone": Text("{actor}撤销了对“{subject}”的导入", "{actor} took back the import of “{subject}”"),
    # tables brought in
    "import.commit": Text("{actor}导入了文件“{subject}”", "{actor} imported the file “{subject}”"),
    "import.undo": Text("{actor}撤销了文件“{subject}”的导入", "{actor} took back the import of “{subject}”"),
    "machine.import_undone": Text("{actor}撤销了设备“{subject}”的导入", "{actor} took back the import of “{subject}”"),
    "contact.saved": Text("{actor}填写了联系人“{subject}”", "{actor} saved the contact “{subject}”"),
    "contact.removed": Text("{actor}删除了联系人“{subject}”", "{actor} removed the contact “{subject}”"),
    "place.saved": Text("{actor}登记了场所、车间或产线“{subject}”", "{actor} saved the place “{subject}”"),
    "place.removed": Text("{actor}移除了场所、车间或产线“{subject}”", "{actor} removed the place “{subject}”"),
    "claim.made": Text("{actor}申请认领“{subject}”", "{actor} claimed the file of “{subject}”"),
    "claim.confirmed": Text("{actor}确认了“{subject}”的认领", "{actor} confirmed the claim on “{subject}”"),
    "claim.refused": Text("{actor}没有通过“{subject}”的认领", "{actor} refused the claim on “{subject}”"),
    "claim.withdrawn": Text("{actor}撤回了对“{subject}”的认领", "{actor} withdrew the claim on “{subject}”"),
    # other organisations, platforms, dictionaries
    "organisation.saved": Text("{actor}登记了单位“{subject}”", "{actor} saved the organisation “{subject}”"),
    "platform.joined": Text("{actor}把“{subject}”加入了平台", "{actor} put “{subject}” under a platform"),
    "platform.left": Text("{actor}让“{subject}”退出了平台", "{actor} took “{subject}” out of a platform"),
    "platform.site_saved": Text("{actor}修改了“{subject}”的平台站点", "{actor} changed the site of “{subject}”"),
    "pillar.saved": Text("{actor}修改了支柱产业“{subject}”", "{actor} changed the pillar industry “{subject}”"),
    "pillar.removed": Text("{actor}移除了支柱产业“{subject}”", "{actor} removed the pillar industry “{subject}”"),
    "chain.saved": Text("{actor}修改了产业链“{subject}”", "{actor} changed the chain “{subject}”"),
    "chain.position": Text("{actor}修改了“{subject}”在产业链中的环节", "{actor} moved “{subject}” within a chain"),
    "view.claim": Text("{actor}查看了“{subject}”的认领材料", "{actor} looked at the proof of a claim on “{subject}”"),
    # gateways
    "gateway.created": Text("{actor}新建了网关“{subject}”", "{actor} made the gateway “{subject}”"),
    "gateway.renamed": Text("{actor}把网关改名为“{subject}”", "{actor} renamed the gateway to “{subject}”"),
    "gateway.revoked": Text("{actor}停用了网关“{subject}”", "{actor} revoked the gateway “{subject}”"),
    "gateway.quota": Text("{actor}设定了网关“{subject}”的接收限额", "{actor} set what “{subject}” may send"),
    "gateway.code_made": Text("{actor}为网关“{subject}”生成了登记码", "{actor} made an enrolment code for “{subject}”"),
    "quarantine.sent_again": Text("{actor}让隔离的读数“{subject}”重新入库", "{actor} sent “{subject}” again"),
    "quarantine.discarded": Text("{actor}丢弃了隔离的读数“{subject}”", "{actor} discarded the readings “{subject}”"),
    "gateway.enrolled": Text("网关“{subject}”用登记码完成登记", "The gateway “{subject}” enrolled with its code"),
    # readings of the past
    "backfill.begun": Text("{actor}开始导入历史数据“{subject}”", "{actor} began to import past readings “{subject}”"),
    "backfill.stopped": Text("{actor}停止了历史数据导入“{subject}”", "{actor} stopped the import of “{subject}”"),
    "backfill.done": Text("历史数据“{subject}”已导入", "The past readings “{subject}” are in"),
    # machines
    "machine.created": Text("{actor}新增了设备“{subject}”", "{actor} added the machine “{subject}”"),
    "machine.changed": Text("{actor}修改了设备“{subject}”", "{actor} changed the machine “{subject}”"),
    "machine.renamed": Text("{actor}把设备改名为“{subject}”", "{actor} renamed the machine to “{subject}”"),
    "machine.removed": Text("{actor}移除了设备“{subject}”", "{actor} removed the machine “{subject}”"),
    "machine.declared": Text("网关声明了设备“{subject}”", "A gateway declared the machine “{subject}”"),
    "machine.undeclared": Text("网关不再声明设备“{subject}”", "A gateway no longer declares the machine “{subject}”"),
    # alarms
    "alarm.acknowledged": Text("{actor}确认了报警“{subject}”", "{actor} acknowledged the alarm “{subject}”"),
    "alarm.shelved": Text("{actor}搁置了报警“{subject}”", "{actor} shelved the alarm “{subject}”"),
    "alarm.unshelved": Text("{actor}取消搁置报警“{subject}”", "{actor} took the alarm “{subject}” off the shelf"),
    "alarm_rule.saved": Text("{actor}保存了报警规则“{subject}”", "{actor} saved the alarm rule “{subject}”"),
    "alarm_rule.removed": Text("{actor}移除了报警规则“{subject}”", "{actor} removed the alarm rule “{subject}”"),
    "alarm_rule.stopped": Text("{actor}停用了报警规则“{subject}”", "{actor} put the rule “{subject}” out of service"),
    "alarm_rule.started": Text("{actor}重新启用了报警规则“{subject}”", "{actor} put the rule “{subject}” into service"),
    "alarm_duty.added": Text("{actor}安排“{subject}”值班", "{actor} put “{subject}” on duty"),
    "alarm_duty.removed": Text("{actor}取消了“{subject}”的值班", "{actor} took “{subject}” off duty"),
    "alarm_duty.patience": Text("{actor}修改了报警升级的时间", "{actor} changed when alarms are escalated"),
    # how long readings are kept, and readings deleted on demand
    "retention.set": Text("{actor}设定了“{subject}”的留存期限", "{actor} set how long “{subject}” is kept"),
    "retention.removed": Text("{actor}取消了“{subject}”的留存期限", "{actor} took back the retention of “{subject}”"),
    "erasure.asked": Text("{actor}申请删除“{subject}”的读数", "{actor} asked to delete readings of “{subject}”"),
    "erasure.confirmed": Text("{actor}确认删除“{subject}”的读数", "{actor} confirmed deleting readings of “{subject}”"),
    "erasure.withdrawn": Text("{actor}撤回了“{subject}”的删除申请", "{actor} withdrew the deletion of “{subject}”"),
    "erasure.done": Text("按申请删除了“{subject}”的读数", "Readings of “{subject}” were deleted as demanded"),
    # evidence
    "fact.stated": Text("{actor}登记了事实“{subject}”", "{actor} stated the fact “{subject}”"),
    "fact.withdrawn": Text("{actor}撤回了事实“{subject}”", "{actor} withdrew the fact “{subject}”"),
    "document.added": Text("{actor}上传了材料“{subject}”", "{actor} handed in the document “{subject}”"),
    "flag.decided": Text("{actor}处理了疑点“{subject}”", "{actor} decided the flag “{subject}”"),
    "fact_key.changed": Text(
        "{actor}修改了事实目录“{subject}”", "{actor} changed “{subject}” in the catalogue of facts"
    ),
    # the desk
    "task.finished": Text("{actor}办结了“{subject}”", "{actor} finished “{subject}”"),
    "task.returned": Text("{actor}退回了“{subject}”", "{actor} returned “{subject}”"),
    "channel.saved": Text("{actor}设置了送达渠道“{subject}”", "{actor} set up the channel “{subject}”"),
    "channel.closed": Text("{actor}停用了送达渠道“{subject}”", "{actor} shut the channel “{subject}”"),
    "working_year.saved": Text("{actor}录入了{subject}年放假安排", "{actor} entered the holidays of {subject}"),
    "working_year.forgotten": Text("{actor}撤回了{subject}年放假安排", "{actor} took back the holidays of {subject}"),
    # what people keep of their looking at readings
    "saved_view.saved": Text("{actor}保存了视图“{subject}”", "{actor} saved the view “{subject}”"),
    "saved_view.removed": Text("{actor}移除了视图“{subject}”", "{actor} removed the view “{subject}”"),
    "dashboard.saved": Text("{actor}保存了看板“{subject}”", "{actor} saved the dashboard “{subject}”"),
    "dashboard.removed": Text("{actor}移除了看板“{subject}”", "{actor} removed the dashboard “{subject}”"),
    "mark.made": Text("{actor}做了标记“{subject}”", "{actor} made the mark “{subject}”"),
    "mark.changed": Text("{actor}修改了标记“{subject}”", "{actor} changed the mark “{subject}”"),
    "mark.withdrawn": Text("{actor}撤下了标记“{subject}”", "{actor} withdrew the mark “{subject}”"),
    # forms
    "reporting.opened": Text("{actor}发出了填报任务“{subject}”", "{actor} sent out the reporting task “{subject}”"),
    "reporting.closed": Text("{actor}结束了填报任务“{subject}”", "{actor} ended the reporting task “{subject}”"),
    "return.sent": Text("{actor}提交了填报“{subject}”", "{actor} sent the return “{subject}”"),
    "return.given_back": Text("{actor}退回了填报“{subject}”", "{actor} gave back the return “{subject}”"),
    # looking at what belongs to others
    "view.enterprise": Text("{actor}查看了“{subject}”的企业档案", "{actor} looked at the file of “{subject}”"),
    "view.factory": Text("{actor}查看了“{subject}”的工厂页面", "{actor} looked at the factory page of “{subject}”"),
    "view.machine": Text("{actor}查看了设备“{subject}”", "{actor} looked at the machine “{subject}”"),
    "view.gateway": Text("{actor}查看了网关“{subject}”", "{actor} looked at the gateway “{subject}”"),
    "view.readings": Text("{actor}查看了“{subject}”的读数", "{actor} looked at readings of “{subject}”"),
    "view.fact": Text("{actor}查看了“{subject}”的数据来源", "{actor} looked at the origin of a figure of “{subject}”"),
    "view.origin": Text("{actor}查看了“{subject}”读数的来源", "{actor} opened the origin of a reading of “{subject}”"),
    "view.flag": Text("{actor}查看了“{subject}”的疑点", "{actor} looked at a flag about “{subject}”"),
    "view.alarm": Text("{actor}查看了报警“{subject}”", "{actor} looked at the alarm “{subject}”"),
    "view.document": Text("{actor}查看了材料“{subject}”", "{actor} looked at the document “{subject}”"),
    "view.return": Text("{actor}查看了“{subject}”的填报", "{actor} looked at a return of “{subject}”"),
    "view.contact": Text("{actor}查看了“{subject}”的联系方式", "{actor} looked at contact details of “{subject}”"),
    "view.person": Text("{actor}查看了“{subject}”的人员资料", "{actor} looked at the account of “{subject}”"),
    "view.list": Text("{actor}查看了列表“{subject}”", "{actor} looked at the list “{subject}”"),
    "view.repeated": Text("{actor}当天再次查看了“{subject}”", "{actor} looked at “{subject}” again that day"),
    # taking data along
    "export.table": Text("{actor}导出了“{subject}”", "{actor} exported “{subject}”"),
    "paper.issued": Text("{actor}打印了“{subject}”的档案", "{actor} printed the file of “{subject}”"),
    "export.trail": Text("{actor}导出了操作日志", "{actor} exported the audit trail"),
}


def declared(action: str) -> Text:
    """The sentence of ``action``; :class:`LookupError` for a word that nobody declared."""
    if action not in ACTIONS:
        raise LookupError(f"the action {action!r} is not declared in audit/rules/actions.py")
    return ACTIONS[action]
