"""The portal's routes, and the two bare pages that it is measured against."""

from django.urls import path

from bench.board import bare_304, bare_page
from config.urls import urlpatterns as portal

urlpatterns = [path("bench/page/", bare_page), path("bench/304/", bare_304), *portal]
