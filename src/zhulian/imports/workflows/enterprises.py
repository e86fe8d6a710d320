"""Enterprise lists: the credit code is the key; a row with a known code updates that file, any other opens one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from zhulian.imports.rules import Draft, Field, Judged, Note, repeated
from zhulian.imports.rules.enterprise_fields import ENTERPRISE_FIELDS
from zhulian.imports.workflows.written import Written
from zhulian.organisations.models import Enterprise
from zhulian.organisations.queries.files import present
from zhulian.organisations.rules import RecordsError
from zhulian.organisations.rules.files import STATUSES, State
from zhulian.organisations.rules.particulars import checked
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows import imported
from zhulian.organisations.workflows.imported import ImportedFile
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import BY_CODE

_STATEMENT_ROWS = 500
_NEEDED = ("industry", "district")
_ELSEWHERE = Text(
    "不在您负责的县区；请交给对应的县区或市经信局导入",
    "lies outside the areas you keep up; leave it to that county or the bureau",
)
_TAKEN = Text(
    "这个代码不能在您的县区建档，请与市经信局核对", "this code cannot have a file in your area; ask the city bureau"
)


class Enterprises:
    """The register of enterprises."""

    name = "enterprises"
    title = Text("企业", "Enterprises")
    fields: tuple[Field, ...] = ENTERPRISE_FIELDS
    list_page = "enterprises"
    record_page = "enterprise"

    def may(self, scope: Scope) -> bool:
        """The administrator and the bureau for the city, county officers for their areas."""
        return scope.keeps_city or bool(scope.keeps_areas)

    def repetitions(self, drafts: Sequence[Draft]) -> Mapping[int, Note]:
        """The same code twice, or the same name with two codes."""
        names = repeated(drafts, ["name"], Text("企业名称", "the name"))
        return names | repeated(drafts, ["credit_code"], Text("统一社会信用代码", "the credit code"))

    def judge(self, scope: Scope, drafts: Sequence[Draft]) -> list[Judged]:
        """Each draft against the register, in portions of statements."""
        by_code = _found(drafts, "credit_code")
        by_name = _found(drafts, "name")
        kept = _kept(scope, by_code)
        return [self._judged(scope, draft, by_code, by_name, kept) for draft in drafts]

    def _judged(
        self,
        scope: Scope,
        draft: Draft,
        by_code: Mapping[str, list[Enterprise]],
        by_name: Mapping[str, list[Enterprise]],
        kept: frozenset[int],
    ) -> Judged:
        row = next(iter(by_code.get(str(draft.values.get("credit_code")), ())), None)
        if row is not None and row.pk not in kept:
            return Judged(faults=(Note("credit_code", _TAKEN),))
        faults = [*_place_faults(scope, draft, row), *_namesakes(scope, draft, row, by_name)]
        if row is None:
            faults += [*_missing(draft), *_unlikely(draft.values, {})]
            return Judged(faults=tuple(faults), changes={name: (None, value) for name, value in draft.values.items()})
        values = (
            dict(draft.values) | {"reporting_area": _area(draft, row)[1]}
            if "district" in draft.values
            else draft.values
        )
        changes = {name: (_value(row, name), value) for name, value in values.items() if _value(row, name) != value}
        warnings = [_renamed(row.name)] if "name" in changes else []
        faults += [*_unlikely(values, present(row)), *_ended(row, changes)]
        return Judged(row.pk, row.name, row.revision, changes, tuple(faults), tuple(warnings))

    def write(self, scope: Scope, good: Sequence[tuple[Draft, Judged]], run: int) -> list[Written]:
        """Open files together, change files one by one; the answers come in the order of ``good``."""
        note = f"导入 {run} / import {run}"
        fresh = [_opening(draft) for draft, judged in good if judged.target is None]
        opened = iter(imported.open_imported(scope, fresh, note))
        files = [
            next(opened)
            if judged.target is None
            else imported.change_imported(scope, judged.target, _news(judged), note)
            for _draft, judged in good
        ]
        return [_written(file) for file in files]

    def refusals(self, scope: Scope, rows: Sequence[Written]) -> dict[int, Text]:  # noqa: ARG002 - a kind's own rights
        """Files that changed since, or to which something belongs by now."""
        return imported.refusals([_file(row) for row in rows])

    def take_back(self, scope: Scope, rows: Sequence[Written], run: int) -> None:  # noqa: ARG002 - events know
        """Files as they were."""
        imported.take_back_imported(scope, [_file(row) for row in rows])


def _written(file: ImportedFile) -> Written:
    before = None if file.events is None else {"events": list(file.events)}
    return Written(file.id, file.name, file.revision, before)


def _file(row: Written) -> ImportedFile:
    kept: Any = None if row.before is None else row.before["events"]
    events = None if kept is None else tuple(kept)
    return ImportedFile(row.id, row.name, row.revision, events)


def _found(drafts: Sequence[Draft], field: str) -> dict[str, list[Enterprise]]:
    wanted = sorted({str(draft.values[field]) for draft in drafts if field in draft.values})
    found: dict[str, list[Enterprise]] = defaultdict(list)
    for start in range(0, len(wanted), _STATEMENT_ROWS):
        for row in Enterprise.objects.filter(**{f"{field}__in": wanted[start : start + _STATEMENT_ROWS]}):
            found[getattr(row, field)].append(row)
    return found


def _kept(scope: Scope, by_code: Mapping[str, list[Enterprise]]) -> frozenset[int]:
    """Which of the files found this person may change."""
    rows = [row for found in by_code.values() for row in found]
    return frozenset(row.pk for row in rows if scope.may_keep_area(row.reporting_area) or row.pk in scope.owns)


def _value(row: Enterprise, name: str) -> object:
    value = getattr(row, name)
    return value.isoformat() if name == "established_on" and value is not None else value


def _news(judged: Judged) -> State:
    return {name: new for name, (_old, new) in judged.changes.items()}  # type: ignore[misc]  # values of this file


def _unlikely(values: State, beside: State) -> Iterable[Note]:
    """What the register itself would refuse, field by field."""
    today = timezone.localdate()
    for name in values.keys() - {"district", "reporting_area"}:
        try:
            checked({name: values[name]}, {**beside, **values}, today)
        except RecordsError as fault:
            yield Note(
                name, Text(_bare(fault.what.zh, "没有保存：", "。"), _bare(fault.what.en, "Nothing was saved: ", "."))
            )


def _bare(sentence: str, start: str, end: str) -> str:
    return sentence.removeprefix(start).removesuffix(end)


def _ended(row: Enterprise, changes: Mapping[str, object]) -> Iterable[Note]:
    if row.status != "active" and changes:
        words = STATUSES[row.status]
        yield Note(
            "credit_code", Text(f"档案状态是“{words.zh}”，不再更新", f"the file is {words.en.lower()}, not updated")
        )


def _missing(draft: Draft) -> Iterable[Note]:
    named = {note.field for note in draft.faults}
    for name in _NEEDED:
        if name not in draft.values and name not in named:
            yield Note(name, Text("新建档案时必填", "is required to open a new file"))


def _area(draft: Draft, row: Enterprise | None) -> tuple[str, str]:
    district = str(draft.values.get("district") or (row.district if row else ""))
    given = draft.values.get("reporting_area")
    moved = row is not None and "district" in draft.values and draft.values["district"] != row.district
    return district, str(given or (row.reporting_area if row and not moved else district))


def _place_faults(scope: Scope, draft: Draft, row: Enterprise | None) -> Iterable[Note]:
    district, area = _area(draft, row)
    if not district or any(note.field in {"district", "reporting_area"} for note in draft.faults):
        return
    if BY_CODE[area].within != district:
        names = BY_CODE[area], BY_CODE[district]
        yield Note(
            "reporting_area",
            Text(f"{names[0].name_zh}不在{names[1].name_zh}", f"{names[0].name_en} does not lie in {names[1].name_en}"),
        )
    elif not scope.may_keep_area(area):
        yield Note("district", _ELSEWHERE)


def _namesakes(
    scope: Scope, draft: Draft, row: Enterprise | None, by_name: Mapping[str, list[Enterprise]]
) -> Iterable[Note]:
    """Another file of the same name; its code is told only to those who may see it."""
    others = [other for other in by_name.get(str(draft.values.get("name")), ()) if row is None or other.pk != row.pk]
    if not others or (row is not None and row.name == draft.values.get("name")):
        return
    visible = scope.whole_city or others[0].reporting_area in scope.areas
    code = others[0].credit_code
    yield Note(
        "name",
        Text(f"库里已有同名企业，代码是 {code}；请核对代码或名称", f"an enterprise of this name has the code {code}")
        if visible
        else Text("全市库里已有同名企业，请与市经信局核对", "the city has an enterprise of this name; ask the bureau"),
    )


def _renamed(old: str) -> Note:
    return Note("name", Text(f"将更名，原名“{old}”", f"will be renamed; it was “{old}”"))


def _opening(draft: Draft) -> State:
    _district, area = _area(draft, None)
    return {**draft.values, "reporting_area": area}
