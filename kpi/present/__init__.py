"""What kpi's pages and programs show: finished texts and figures in the active language."""
