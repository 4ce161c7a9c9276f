"""A segment knows where it ends, so that scoring need not order the segments each time."""

from itertools import pairwise
from typing import Any

from django.db import migrations

from targets.amounts import AmountField


def note_ends(apps: Any, schema_editor: Any) -> None:
    segments = apps.get_model("kpi", "CurveSegment").objects.using(schema_editor.connection.alias)
    ordered = list(segments.order_by("item_id", "start"))
    # The first of an item, and only it, has no start; databases do not agree on where nulls go.
    ordered.sort(key=lambda segment: (segment.item_id, segment.start is not None))
    for segment, after in pairwise(ordered):
        if segment.item_id == after.item_id:
            segment.until = after.start
    segments.bulk_update(ordered, ["until"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("kpi", "0006_unit_plans")]

    operations = [
        migrations.AddField("curvesegment", "until", AmountField(null=True)),
        migrations.RunPython(note_ends, migrations.RunPython.noop),
    ]
