"""One key, one effect: an answer given under an Idempotency-Key is given again, not done again."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgchart.errors import DomainError, Invalid
from orgchart.models import IdempotencyRecord


class KeyReused(DomainError):
    """The same key came with another body."""

    status = 422
    title = gettext_lazy("Key used for something else")


def idempotent(method: Callable[..., Any]) -> Callable[..., Any]:
    """Guard a method of an API view; without the header it runs as ever.

    The key is claimed in the transaction of the effect: a refused call leaves no trace, so it
    may be tried again under the same key.
    """

    @wraps(method)
    def guarded(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return method(view, request, *args, **kwargs)
        if len(key) > 100 or "\x00" in key:
            raise Invalid(_("An Idempotency-Key has at most 100 characters."))
        fingerprint = hashlib.sha256(
            json.dumps([request.method, request.path, request.data], sort_keys=True).encode()
        ).hexdigest()
        mine = IdempotencyRecord.objects.filter(user=request.user, key=key)
        try:
            with transaction.atomic():
                claimed = IdempotencyRecord.objects.create(
                    user=request.user, key=key, fingerprint=fingerprint
                )
                response = method(view, request, *args, **kwargs)
                claimed.status, claimed.body = response.status_code, response.data
                claimed.save(update_fields=["status", "body"])
                return response
        except IntegrityError:
            earlier = mine.first()
            if earlier is None:
                raise
        if earlier.fingerprint != fingerprint:
            raise KeyReused(_("This Idempotency-Key was used for another request."))
        return JsonResponse(earlier.body, status=earlier.status, safe=False)

    return guarded
