"""Routes of competitions: pages and API."""

from django.urls import URLPattern

pages: list[URLPattern] = []
api: list[URLPattern] = []
