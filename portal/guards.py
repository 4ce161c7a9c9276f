"""What the database itself refuses of issued bulletins."""

from orgchart.guards import guard

BULLETIN = guard(
    name="bulletin_stays_as_sent",
    table="portal_bulletin",
    events=("UPDATE", "DELETE"),
    refused_when="{row}.id IS NOT NULL",
    message="an issued bulletin stays as it was sent",
)
