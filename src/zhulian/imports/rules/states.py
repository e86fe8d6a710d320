"""The states of a run and the judgements of a row, in words."""

from zhulian.vocabulary.errors import Text

STATE_WORDS = {
    "open": Text("待提交", "open"),
    "committing": Text("导入中", "being committed"),
    "committed": Text("已导入", "committed"),
    "undone": Text("已撤销", "undone"),
    "discarded": Text("已放弃", "discarded"),
}
JUDGEMENT_WORDS = {
    "new": Text("新增", "new"),
    "change": Text("更新", "update"),
    "same": Text("无变化", "no change"),
    "fault": Text("有误", "faulty"),
}
