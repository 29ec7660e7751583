"""Several published versions of a rule, each for its own time."""

from django.db import migrations, models

# A rule none of whose versions is in force was retired, nobody noted when: by now at the latest.
_RETIRED = """
update verdicts_ruleversion v set retired_on = current_date
where v.activated_at is not null
and not exists (select 1 from verdicts_ruleversion a where a.rule_id = v.rule_id and a.status = 'active')
"""


class Migration(migrations.Migration):
    dependencies = [("verdicts", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="ruleversion", name="rule_one_active_version"),
        migrations.AddField(
            model_name="ruleversion",
            name="retired_on",
            field=models.DateField(null=True, verbose_name="retired on"),
        ),
        migrations.RunSQL(_RETIRED, migrations.RunSQL.noop),
    ]
