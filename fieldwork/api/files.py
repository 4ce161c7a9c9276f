"""Lists that programs send as a file: the part `file` of a multipart form."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from fieldwork.access import survey_of
from fieldwork.api.accounts import FieldApi
from fieldwork.services.account_import import Imported, import_accounts
from fieldwork.services.survey_import import import_sheets
from orgchart.errors import Fault, Invalid

_PARTS = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}


class ListApi(FieldApi):
    """A list as Excel or CSV with the headings of the export: all of it is taken or nothing.

    Each fault is answered with its row and column; the same list again changes nothing.
    """

    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": _PARTS}, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, **kwargs: Any) -> Response:
        self.actor.demand("field.confirm")
        file = request.FILES.get("file")
        if file is None:
            sentence = _("Choose a file.")
            raise Invalid(sentence, [Fault("/file", sentence)])
        done = self.taken(request, file.read(), **kwargs)
        return Response({"made": done.made, "changed": done.changed, "same": done.same})

    def taken(self, request: Request, content: bytes, **kwargs: Any) -> Imported:
        raise NotImplementedError


class AccountsImportView(ListApi):
    """Import accounts."""

    def taken(self, request: Request, content: bytes, **kwargs: Any) -> Imported:
        return import_accounts(
            district=self.actor.district, unit_ids=self.actor.unit_ids("field.confirm"),
            content=content, by=self.actor.person, at=request.now,
        )  # fmt: skip


class SheetsImportView(ListApi):
    """Import sheets of a survey."""

    def taken(self, request: Request, content: bytes, **kwargs: Any) -> Imported:
        return import_sheets(
            survey=survey_of(self.actor, kwargs["pk"]),
            unit_ids=self.actor.unit_ids("field.confirm"), content=content, by=self.actor.person,
            at=request.now,
        )  # fmt: skip
