"""What a snapshot is made from tells, once a statement, that it has changed."""

from django.db import migrations, models

TABLES = (
    "facts_fact",
    "facts_record",
    "facts_statement",
    "facts_rejectedrow",
    "facts_delivery",
    "facts_dataset",
    "facts_packload",
    "facts_codetable",
    "parties_party",
)
FUNCTION = """
create or replace function facts_note_change() returns trigger language plpgsql as $$
begin
    -- One line a transaction is enough; a savepoint that is undone takes its line with it.
    if not exists (select 1 from facts_change where txid = txid_current()) then
        insert into facts_change (txid) values (txid_current());
    end if;
    return null;
end $$;
"""
TRIGGERS = "".join(
    f"create trigger note_change after insert or update or delete or truncate on {table} "
    "for each statement execute function facts_note_change();\n"
    for table in TABLES
)
DROP = "".join(f"drop trigger if exists note_change on {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("facts", "0002_objection_dataset"),
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("txid", models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.RunSQL(FUNCTION + TRIGGERS, DROP + "drop function facts_note_change();"),
    ]
