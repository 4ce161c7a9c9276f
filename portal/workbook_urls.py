"""Routes of the district workbook."""

from django.urls import URLPattern, path

from portal.views import workbook

pages: list[URLPattern] = [
    path("workbook/", workbook.workbook, name="workbook"),
    path("workbook/<int:year>.xlsx", workbook.workbook_export, name="workbook_export"),
]
