"""The schedule: what the platform does by itself, and when (times of the city). One line a job.

Read by the jobs process, the page of jobs and ``zhulian doctor``. A function takes a :class:`~zhulian.jobs.rules.Turn`
and says in a sentence what came of it. It may be called again for the same moment, after a failure or because its
worker died, so what it does a second time must change nothing.
"""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction

from zhulian.audit.workflows import anchor, seal
from zhulian.evidence.workflows import announce_expiring
from zhulian.evidence.workflows.collecting import collect_nightly
from zhulian.evidence.workflows.flagging import look
from zhulian.jobs import workflows
from zhulian.jobs.rules import Daily, Every, Job, Turn
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import Scope
from zhulian.portal import desk_jobs, retention_jobs
from zhulian.portal.telemetry_access import telemetry
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text
from zhulian.wire.credentials import load_or_create_key


def _collect(turn: Turn) -> Text:
    return collect_nightly(telemetry(), turn)


def _look(_turn: Turn) -> Text:
    return look(telemetry())


def _expiring(turn: Turn) -> Text:
    count = announce_expiring(turn.due.astimezone(SHANGHAI).date())
    return Text(f"{count} 项依据将在三十天内到期。", f"{count} facts end within thirty days.")


def _seal(turn: Turn) -> Text:
    count = seal(turn.due.astimezone(SHANGHAI).date())
    return Text(f"{count} 行查看记录已写入日志。", f"{count} rows of looks went into the trail.")


def _anchor(_turn: Turn) -> Text:
    head = anchor(load_or_create_key(settings.ZHULIAN.data.keys / "platform.pem"))
    if head is None:
        return Text("日志还是空的。", "The trail is still empty.")
    return Text(f"第 {head.sequence} 条已签名。", f"Entry {head.sequence} was signed.")


SCHEDULE: tuple[Job, ...] = (
    Job(
        "audit.seal",
        Text("封存查看次数", "Seal counts of looks"),
        Daily(time(0, 20)),
        _seal,
        Text(
            "把前一天谁看了什么、看了几次写进只增不改的操作日志。",
            "Writes how often each person looked at what on the day before into the audit trail.",
        ),
    ),
    Job(
        "audit.anchor",
        Text("给日志链头签名", "Sign the head of the trail"),
        Every(60),
        _anchor,
        Text(
            "用平台密钥给操作日志的最新一条签名，此前的内容从此不能被悄悄截短。",
            "Signs the newest entry of the audit trail with the platform's key, so that nothing is cut off unseen.",
        ),
    ),
    Job(
        "evidence.collect",
        Text("汇集设备事实", "Collect facts from machines"),
        Daily(time(1, 30)),
        _collect,
        Text(
            "由读数得出前一天的 A 级事实：联网、在线、运行、用电、完整率；补上有迟到读数的日子。",
            "Derives class-A facts of the day before from readings, and of days whose readings came late.",
        ),
        within=timedelta(hours=2),
    ),
    Job(
        "evidence.flags",
        Text("查找疑点", "Look for flags"),
        Daily(time(3, 0)),
        _look,
        Text(
            "在数据、材料和联系方式中查找可能不实的地方，交所在地经办人核实。",
            "Looks at data, documents and contacts for what may not be as it looks; officers of the place judge it.",
        ),
        within=timedelta(hours=2),
    ),
    Job(
        "evidence.expiring",
        Text("到期的依据", "Expiring evidence"),
        Daily(time(5, 0)),
        _expiring,
        Text(
            "把三十天内到期的文件和申报列为企业的待办。",
            "Makes documents and statements that end within thirty days a task of their enterprise.",
        ),
    ),
    Job(
        "desk.remind",
        Text("待办提醒", "Reminders"),
        Daily(time(8, 5)),
        desk_jobs.remind,
        Text(
            "工作日提醒明天到期、今天到期和已逾期的待办，每件每个阶段一次。",
            "On working days, reminds of tasks that end tomorrow, end today or are overdue; once for each stage.",
        ),
        catch_up=timedelta(hours=12),
    ),
    Job(
        "desk.digest",
        Text("每日汇总", "Daily digest"),
        Daily(time(8, 30)),
        desk_jobs.digest,
        Text("工作日给选择汇总的人各写一封邮件。", "On working days, one e-mail for each person who wants a digest."),
        catch_up=timedelta(hours=6),
    ),
    Job(
        "desk.deliver",
        Text("发送邮件和群消息", "Deliver e-mail and group messages"),
        Every(1),
        desk_jobs.deliver,
        Text(
            "把发件箱里到时间的消息送出去；送不出的过一会儿再试。",
            "Sends what is due in the outbox; what fails is tried again later.",
        ),
        within=timedelta(minutes=20),
        catch_up=timedelta(minutes=5),
    ),
    Job(
        "retention.keep",
        Text("执行留存期限", "Apply retention"),
        Daily(time(2, 40)),
        retention_jobs.keep,
        Text(
            "把各企业、各类点位的留存期限交给遥测进程，移走到期的原始读数和小时汇总。",
            "Tells telemetry how long readings are kept, for whom; it takes away readings and hours that are older.",
        ),
        within=timedelta(hours=2),
    ),
    Job(
        "retention.erase",
        Text("执行删除申请", "Carry out deletions"),
        Every(1),
        retention_jobs.erase,
        Text(
            "把已确认的删除申请交给遥测进程，记下进度；完成后写入操作日志。",
            "Hands confirmed demands for deletion to telemetry and notes how far they are; the end goes on the trail.",
        ),
        within=timedelta(minutes=20),
        catch_up=timedelta(minutes=5),
    ),
    Job(
        "jobs.prune",
        Text("清理运行记录", "Forget old runs"),
        Daily(time(4, 30)),
        workflows.prune,
        Text(
            "删除两周前的队列结果、一周前的频繁任务记录和两百天前的其他运行记录。",
            "Removes queue results after two weeks, runs of frequent jobs after a week, others after two hundred days.",
        ),
    ),
)


def run_now(scope: Scope, name: str, now: datetime) -> int:
    """Queue a run because an administrator asks for it."""
    if not scope.administers:
        raise NotAllowedError
    with transaction.atomic():
        return workflows.request(name, scope.name, now)
