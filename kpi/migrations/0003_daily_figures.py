"""Daily figures, the rule of pace, and which items part equal totals."""

import django.db.models.deletion
from django.db import migrations, models

import targets.amounts
import targets.months


def key(to, **given):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name='+', to=to, **given
    )


class Migration(migrations.Migration):
    dependencies = [
        ('kpi', '0002_missing_reason'),
        ('orgchart', '0003_versions'),
        ('targets', '0002_sheet_rows'),
    ]

    operations = [
        migrations.CreateModel(
            name='DailyFigure',
            fields=[
                ('pk', models.CompositePrimaryKey('month', 'unit_id', 'indicator_id', 'breakdown_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('month', targets.months.MonthField()),
                ('day', models.DateField(verbose_name='day')),
                ('value', targets.amounts.AmountField(null=True, verbose_name='month to date')),
                ('version', models.PositiveIntegerField(default=1)),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('reported_at', models.DateTimeField()),
                ('breakdown', key('targets.breakdown', db_index=False)),
                ('indicator', key('targets.indicator', db_index=False)),
                ('unit', key('orgchart.unit', db_index=False)),
                ('reported_by', key('orgchart.person', db_index=False, null=True)),
            ],
            options={
                'ordering': ['month', 'unit_id', 'indicator_id', 'breakdown_id', 'day'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('month__day', 1)), name='daily_month_first_day'),
                    models.CheckConstraint(condition=models.Q(('day__gte', models.F('month'))), name='day_within_month'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PaceRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='from')),
                ('calendar', models.CharField(choices=[('natural', 'Natural days'), ('mon_sat', 'Mon–Sat'), ('mon_fri', 'Mon–Fri'), ('cn_workdays', 'Working days by law')], default='natural', max_length=12, verbose_name='calendar')),
                ('promotion_yield', models.PositiveIntegerField(default=45, verbose_name='users per promotion')),
                ('district', key('orgchart.unit')),
            ],
            options={
                'ordering': ['-valid_from', 'pk'],
                'constraints': [
                    models.UniqueConstraint(fields=('district', 'valid_from'), name='pace_rule_a_day'),
                    models.CheckConstraint(condition=models.Q(('promotion_yield__gte', 1)), name='promotion_yield_positive'),
                ],
            },
        ),
        migrations.AddField(
            model_name='scorecarditem',
            name='tie_break',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='parts ties'),
        ),
        migrations.AddConstraint(
            model_name='scorecarditem',
            constraint=models.UniqueConstraint(fields=('scorecard', 'tie_break'), name='tie_break_once_in_scorecard'),
        ),
        migrations.AddConstraint(
            model_name='scorecarditem',
            constraint=models.CheckConstraint(condition=models.Q(('tie_break__isnull', True), models.Q(('tie_break__gte', 1), ('tie_break__lte', 3)), _connector='OR'), name='tie_break_one_to_three'),
        ),
    ]
