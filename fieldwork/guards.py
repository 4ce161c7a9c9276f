"""What the database itself refuses in field work: rewriting the store's ledger."""

from orgchart.guards import guard

STOCK_LEDGER = guard(
    name="stock_ledger_is_append_only",
    table="fieldwork_stockmovement",
    events=("UPDATE", "DELETE"),
    refused_when="{row}.id IS NOT NULL",
    message="the ledger of the store is append-only",
)
