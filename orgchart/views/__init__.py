"""Pages of the organisation and of the audit trail."""
