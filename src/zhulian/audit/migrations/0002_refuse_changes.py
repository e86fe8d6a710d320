"""The database itself refuses to change or remove what the trail holds, and to leave a gap in it.

SQLite's REPLACE removes rows without firing delete triggers, so a number that is taken is refused before it comes to
that; the same trigger keeps the numbers without gaps.
"""

from django.db import migrations

APPEND_ONLY = ("audit_entry", "audit_anchor")
WORDS = "the audit trail is only added to"

SQLITE = [
    *(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ),
    f"""CREATE TRIGGER audit_entry_next BEFORE INSERT ON audit_entry
        WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit_entry)
        BEGIN SELECT RAISE(ABORT, '{WORDS}, one number after the other'); END""",
    f"""CREATE TRIGGER audit_anchor_next BEFORE INSERT ON audit_anchor
        WHEN EXISTS (SELECT 1 FROM audit_anchor WHERE sequence = NEW.sequence)
        BEGIN SELECT RAISE(ABORT, '{WORDS}'); END""",
    f"""CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head WHEN NEW.sequence <= OLD.sequence
        BEGIN SELECT RAISE(ABORT, '{WORDS}'); END""",
    f"CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
]
SQLITE_OFF = [
    "DROP TRIGGER audit_entry_no_update",
    "DROP TRIGGER audit_entry_no_delete",
    "DROP TRIGGER audit_anchor_no_update",
    "DROP TRIGGER audit_anchor_no_delete",
    "DROP TRIGGER audit_entry_next",
    "DROP TRIGGER audit_anchor_next",
    "DROP TRIGGER audit_head_forward",
    "DROP TRIGGER audit_head_no_delete",
]

POSTGRESQL = [
    f"""CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'restrict_violation'; END $$""",
    f"""CREATE FUNCTION audit_next() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit_entry) THEN
                RAISE EXCEPTION '{WORDS}, one number after the other' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$""",
    "CREATE TRIGGER audit_entry_next BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_next()",
    """CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head FOR EACH ROW
        WHEN (NEW.sequence <= OLD.sequence) EXECUTE FUNCTION audit_refuse()""",
    *(
        f"""CREATE TRIGGER {table}_kept BEFORE {verbs} OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"""
        for table, verbs in (("audit_entry", "UPDATE OR DELETE"), ("audit_anchor", "UPDATE OR DELETE"), ("audit_head", "DELETE"))
    ),
]
POSTGRESQL_OFF = [
    "DROP FUNCTION audit_refuse() CASCADE",
    "DROP FUNCTION audit_next() CASCADE",
]


def switch_on(apps, editor):
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement)


def switch_off(apps, editor):
    for statement in SQLITE_OFF if editor.connection.vendor == "sqlite" else POSTGRESQL_OFF:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_trail")]
    operations = [migrations.RunPython(switch_on, switch_off)]
