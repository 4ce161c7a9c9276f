"""Months remember why what was missing counts as zero; another basis and line state."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('kpi', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='month',
            name='missing_reason',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name='scorecarditem',
            name='basis',
            field=models.CharField(choices=[('completion', 'completion'), ('inverse', 'target ÷ actual'), ('inverse_linear', '2 − actual ÷ target'), ('actual', 'value'), ('events', 'events'), ('relative', 'own ÷ best')], max_length=14),
        ),
        migrations.AlterField(
            model_name='scoreline',
            name='state',
            field=models.CharField(choices=[('scored', 'Scored'), ('pending', 'Pending'), ('exempt', 'Not Assessed'), ('no_target', 'No Target'), ('zeroed', 'Zeroed')], max_length=10),
        ),
    ]
