"""Collect the msgids that the project's code, templates and scripts ask to be translated."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

from tools.bootstrap import ROOT

PYTHON_KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# JavaScript's catalogue is another file than Python's; both are called by Django's names.
DOMAINS = ("django", "djangojs")
NOT_THE_PORTAL = {"bench", "node_modules", "static", "tests", "tools", "var"}
NOT_OURS = {"vendor"}


@dataclass(frozen=True, slots=True)
class Message:
    """One text to translate; `plural` is None unless it counts something."""

    msgid: str
    plural: str | None
    context: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """Where a message is asked for, and in which catalogue it is looked up."""

    message: Message
    domain: str
    path: str
    line: int

    @property
    def app(self) -> str:
        """The app whose catalogue file translates it; "shell" for what belongs to none."""
        parts = Path(self.path).parts
        owner = parts[1] if parts[0] == "templates" and len(parts) > 2 else parts[0]
        if self.path.startswith("static/js/"):
            owner = parts[2]
        is_app = (ROOT / owner / "__init__.py").exists() and owner != "config"
        return owner if is_app else "shell"


def uses(root: Path = ROOT) -> list[Use]:
    """Return every use below `root`, ordered by path and line."""
    found: list[Use] = []
    for path in sorted(root.glob("*/**/*.py")):
        if _top(path, root) not in NOT_THE_PORTAL and not _top(path, root).startswith("."):
            found += _extracted(path, root, "django", "python", path.read_text("utf-8"))
    for path in sorted([*root.glob("templates/**/*.html"), *root.glob("*/templates/**/*.html")]):
        found += _extracted(path, root, "django", "python", _as_python(path.read_text("utf-8")))
    for path in sorted(root.glob("static/js/**/*.js")):
        if not NOT_OURS & set(path.parts):
            found += _extracted(path, root, "djangojs", "javascript", path.read_text("utf-8"))
    return found


def _top(path: Path, root: Path) -> str:
    return path.relative_to(root).parts[0]


def _as_python(template: str) -> str:
    """Return Django's rewriting of a template as calls of gettext, one line for one line.

    Template indentation means nothing to Python's tokenizer, so it goes.
    """
    return "\n".join(line.strip() for line in templatize(template).splitlines())


def _extracted(path: Path, root: Path, domain: str, method: str, text: str) -> Iterator[Use]:
    keywords = PYTHON_KEYWORDS if method == "python" else DEFAULT_KEYWORDS
    source = io.BytesIO(text.encode("utf-8"))
    for line, ids, _comments, context in extract(method, source, keywords=keywords):
        singular, plural = (ids[0], ids[1]) if isinstance(ids, tuple) else (ids, None)
        message = Message(singular, plural, context)
        yield Use(message, domain, str(path.relative_to(root)), line)
