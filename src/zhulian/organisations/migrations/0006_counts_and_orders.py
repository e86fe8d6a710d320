"""How many machines and points an enterprise has, beside its file; and the indexes along which lists are read."""

from django.db import migrations, models
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce


def count(apps, schema_editor):
    """Count what there is."""
    enterprise, machine, point = (apps.get_model("organisations", name) for name in ("Enterprise", "Machine", "Point"))
    machines = machine.objects.filter(enterprise=OuterRef("pk"), removed_at=None)
    points = point.objects.filter(machine__enterprise=OuterRef("pk"), removed_at=None, machine__removed_at=None)
    enterprise.objects.update(
        machines_now=number(machines, "enterprise"), points_now=number(points, "machine__enterprise")
    )


def number(rows, group):
    """How many of ``rows`` there are, none being 0."""
    counted = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def forget(apps, schema_editor):
    """The columns go."""


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0005_who_changed_the_dictionary'),
    ]

    operations = [
        migrations.AddField(
            model_name='enterprise',
            name='machines_now',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='enterprise',
            name='points_now',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['reporting_area', 'status', 'above_scale', 'machines_now', 'points_now'], name='enterprise_by_area'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['status', 'name', 'id'], name='enterprise_by_name'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['status', 'machines_now', 'id'], name='enterprise_by_machines'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['status', 'points_now', 'id'], name='enterprise_by_points'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(condition=models.Q(('successor__isnull', False)), fields=['successor'], name='enterprise_merged'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(condition=models.Q(('is_sample', True)), fields=['is_sample'], name='enterprise_sample'),
        ),
        migrations.RunPython(count, forget),
    ]
