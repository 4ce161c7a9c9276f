"""The district workbook: everything a district's year consists of, as plain values."""
