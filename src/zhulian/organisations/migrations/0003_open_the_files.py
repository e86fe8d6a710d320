"""Give every enterprise of 0.1.0 the event its file begins with, and every workshop that machines name a record."""

from zoneinfo import ZoneInfo

from django.db import migrations

SHANGHAI = ZoneInfo("Asia/Shanghai")
KEPT = (
    "name", "credit_code", "industry", "district", "reporting_area", "above_scale", "town", "address", "size", "kind",
    "legal_representative", "registered_capital_fen", "employees", "revenue_fen", "revenue_year", "business_scope",
    "website", "status",
)  # fmt: skip


def open_files(apps, schema_editor):
    """What the file says now is all that is known of its past; the day is the one on which it was opened."""
    enterprise, event = (apps.get_model("organisations", name) for name in ("Enterprise", "EnterpriseEvent"))
    rows = enterprise.objects.filter(events=None).order_by("id").iterator(chunk_size=1_000)
    event.objects.bulk_create(
        (
            event(
                enterprise=row,
                kind="registered",
                on=row.created_at.astimezone(SHANGHAI).date(),
                changes={name: getattr(row, name) for name in KEPT} | {"established_on": None, "successor": None},
                revision=1,
                recorded_at=row.created_at,
                recorded_name="zhulian 0.1.0",
            )
            for row in rows
        ),
        batch_size=500,
    )


def record_workshops(apps, schema_editor):
    """One site for each enterprise whose machines name a workshop, and the workshops in it."""
    machine, site, workshop = (apps.get_model("organisations", name) for name in ("Machine", "Site", "Workshop"))
    named = machine.objects.exclude(workshop="").filter(shop=None)
    for enterprise, name in named.order_by().values_list("enterprise_id", "workshop").distinct():
        place, _ = site.objects.get_or_create(enterprise_id=enterprise, name="主厂区")
        shop, _ = workshop.objects.get_or_create(site=place, name=name)
        named.filter(enterprise_id=enterprise, workshop=name).update(shop=shop)


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_files_with_events_and_other_organisations")]

    operations = [
        migrations.RunPython(open_files, migrations.RunPython.noop),
        migrations.RunPython(record_workshops, migrations.RunPython.noop),
    ]
