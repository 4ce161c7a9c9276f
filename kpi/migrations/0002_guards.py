"""Freeze closed and published months in the database."""

from django.db import migrations

from kpi.guards import MONTH_GUARDS


def install(apps, schema_editor):
    for guard in MONTH_GUARDS:
        guard.install(schema_editor.connection)


def lift(apps, schema_editor):
    for guard in MONTH_GUARDS:
        guard.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("kpi", "0001_initial"), ("orgchart", "0002_guards"), ("targets", "0001_initial")]
    operations = [migrations.RunPython(install, lift)]
