"""What needs several of the other apps: Today, closing, the district workbook, the demo."""
