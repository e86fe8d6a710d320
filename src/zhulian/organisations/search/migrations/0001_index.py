"""The index, and in each database what reads its grams."""

from django.db import migrations, models

from zhulian.organisations.search import engines


def make(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for statement in engines.POSTGRESQL if connection.vendor == "postgresql" else engines.SQLITE:
            cursor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS search_grams")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=24)),
                ("subject", models.BigIntegerField()),
                ("enterprise", models.BigIntegerField(null=True)),
                ("names", models.TextField()),
                ("letters", models.TextField()),
                ("initials", models.TextField()),
                ("codes", models.TextField()),
                ("grams", models.TextField()),
                ("edition", models.PositiveSmallIntegerField()),
            ],
            options={
                "verbose_name": "搜索条目",
                "constraints": [models.UniqueConstraint(fields=("kind", "subject"), name="search_entry_once")],
            },
        ),
        migrations.RunPython(make, remove),
    ]
