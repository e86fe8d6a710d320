"""Machines of 0.2.0 that came in with a list have a workshop by name only; here it gets its record."""

from django.db import migrations


def stand_in_workshops(apps, schema_editor):
    """The oldest workshop of that name, or a new one in the first site that is in use."""
    machine, site, workshop = (apps.get_model("organisations", name) for name in ("Machine", "Site", "Workshop"))
    named = machine.objects.exclude(workshop="").filter(shop=None, removed_at=None)
    for enterprise, name in named.order_by().values_list("enterprise_id", "workshop").distinct():
        shop = workshop.objects.filter(site__enterprise_id=enterprise, name=name).order_by("pk").first()
        if shop is None:
            place = site.objects.filter(enterprise_id=enterprise, closed_on=None).order_by("pk").first()
            if place is None:
                place, _ = site.objects.get_or_create(enterprise_id=enterprise, name="主厂区")
            shop = workshop.objects.create(site=place, name=name)
        named.filter(enterprise_id=enterprise, workshop=name).update(shop=shop)


class Migration(migrations.Migration):
    dependencies = [("organisations", "0009_intake_quotas")]

    operations = [migrations.RunPython(stand_in_workshops, migrations.RunPython.noop)]
