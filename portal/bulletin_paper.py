"""A bulletin as PDF (A4) and as a long PNG for a chat, set by typst in a font of its own.

No system font is asked for: the Chinese ones come with the Python packages of requirements.lock.
"""

import json
import re
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from PIL import ImageFont

TEMPLATE = settings.BASE_DIR / "templates" / "portal" / "bulletin.typ"
TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"
FONTS = ("cvttf_NotoSansCJK_Regular", "cvttf_NotoSansCJK_Bold")
NO_CHARACTER = "\U0010ffff"
PHONE_PPI = 192  # 390 points wide: 1040 pixels, sharp where a chat shows it


def pdf(document: dict[str, Any], at: datetime) -> bytes:
    """Return the pages of a document of portal.bulletin_tables; the same bytes for the same."""
    return _set(document, "paper", format="pdf", timestamp=at)


def png(document: dict[str, Any]) -> bytes:
    """Return one picture, 1040 pixels wide and as long as it takes."""
    return _set(document, "phone", format="png", ppi=PHONE_PPI)


def _set(document: dict[str, Any], layout: str, **options: Any) -> bytes:
    inputs = {
        "document": drawable(json.dumps(document | _language(), ensure_ascii=False)),
        "inks": json.dumps(inks()),
        "layout": layout,
    }
    made = typst.compile(
        str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=_fonts(), sys_inputs=inputs, **options
    )
    assert isinstance(made, bytes)
    return made


def drawable(text: str) -> str:
    """Return a text without what the font has no sign for, such as pictures of faces."""
    return "".join(char for char in text if char.isspace() or _has_sign(char))


@cache
def _has_sign(char: str) -> bool:
    face = _face()
    return bytes(face.getmask(char)) != bytes(face.getmask(NO_CHARACTER))


@cache
def _face() -> ImageFont.FreeTypeFont:
    regular = next(font for font in _fonts().fonts() if font.weight == 400)
    return ImageFont.truetype(str(regular.path), 20)


def _language() -> dict[str, Any]:
    is_english = (get_language() or "").startswith("en")
    return {
        "lang": "en" if is_english else "zh",
        "region": "gb" if is_english else "cn",  # the font draws its characters by region
        "words": {
            "comment": _("Comment"), "colon": _(": "), "leaderboard": _("Leaderboard"),
            "rank": _("Rank"), "unit": _("Unit"), "waiting": _("not reported"),
        },
    }  # fmt: skip


@cache
def _fonts() -> typst.Fonts:
    specs = [find_spec(name) for name in FONTS]
    folders = [str(Path(spec.origin).parent) for spec in specs if spec and spec.origin]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def inks() -> dict[str, str]:
    """Return the colours of the light theme by the names of their tokens."""
    light = TOKENS.read_text(encoding="utf-8").partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", light))
