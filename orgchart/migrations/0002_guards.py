"""Make the audit trail append-only in the database."""

from django.db import migrations

from orgchart.guards import TRAIL


class Migration(migrations.Migration):
    dependencies = [("orgchart", "0001_initial")]
    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: TRAIL.install(schema_editor.connection),
            lambda apps, schema_editor: TRAIL.lift(schema_editor.connection),
        )
    ]
