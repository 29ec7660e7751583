"""Who is entitled, ready, near and unknown stands in the run's folder; the next run makes one, older runs keep counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("verdicts", "0003_best_sets")]

    operations = [
        migrations.AddField("run", "folder", models.CharField(blank=True, max_length=100, default=""), preserve_default=False),
        migrations.AddField("verdict", "changes", models.JSONField(default=dict)),
        migrations.RemoveField("verdict", "true_bits"),
        migrations.RemoveField("verdict", "ready_bits"),
        migrations.RemoveField("verdict", "unknown_bits"),
        migrations.RemoveField("verdict", "near_bits"),
    ]
