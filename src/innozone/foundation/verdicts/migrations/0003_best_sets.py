"""What the best sets of all enterprises come to, kept with the run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("verdicts", "0002_valid_time")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="best_total",
            field=models.DecimalField(
                decimal_places=2, max_digits=20, null=True, verbose_name="sum of the best sets"
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="best_more",
            field=models.DecimalField(
                decimal_places=2, max_digits=20, null=True, verbose_name="added by a person's checks"
            ),
        ),
    ]
