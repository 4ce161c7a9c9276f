"""What pages, services and programs read about plans and tasks."""
