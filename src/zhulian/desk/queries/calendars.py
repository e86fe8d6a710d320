"""The years of the working-day calendar as the page shows them."""

from dataclasses import dataclass
from datetime import date

from zhulian.desk.calendar import Year, working_days
from zhulian.desk.models import WorkingYear


@dataclass(frozen=True, slots=True)
class YearRow:
    """One year, and who entered it; the shipped ones were entered by nobody here."""

    year: Year
    entered_by: str = ""

    @property
    def worked(self) -> list[date]:
        """The weekend days that are worked, in order."""
        return sorted(self.year.working)


def years() -> list[YearRow]:
    """Every known year, newest first; two statements."""
    entered = dict(WorkingYear.objects.values_list("year", "entered_by"))
    known = working_days().years
    return [YearRow(known[year], entered.get(year, "")) for year in sorted(known, reverse=True)]
