"""Triggers that refuse UPDATE and DELETE on the ledger, on SQLite and PostgreSQL.

A later migration that rebuilds one of these tables on SQLite loses its triggers: call ``make`` again at its end. A test
looks for them after all migrations.
"""

from django.db import migrations

TABLES = ("evidence_fact", "evidence_document", "evidence_photoband", "evidence_repeat")
WORDS = "the ledger only grows: state a new fact that supersedes this one"

SQLITE = "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END"
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION evidence_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION evidence_only_grows()
"""


def make(_apps, schema_editor):
    """Create the triggers, unless they are there."""
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    if not is_sqlite:
        schema_editor.execute(POSTGRESQL_FUNCTION.format(words=WORDS))
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            drop(schema_editor, table, verb)
            schema_editor.execute((SQLITE if is_sqlite else POSTGRESQL).format(table=table, verb=verb, words=WORDS))


def unmake(_apps, schema_editor):
    """Drop them."""
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            drop(schema_editor, table, verb)


def drop(schema_editor, table, verb):
    """Drop one trigger, where it is."""
    on = "" if schema_editor.connection.vendor == "sqlite" else f" ON {table}"
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_facts_and_documents")]
    operations = [migrations.RunPython(make, unmake)]
