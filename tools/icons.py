"""Draw one SVG sprite of the outline icons that static/icons.txt names."""

import re
from pathlib import Path

from tools.bootstrap import ROOT

NAMES = ROOT / "static" / "icons.txt"
SVG = "http://www.w3.org/2000/svg"
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
    ' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
)


class UnknownIcon(Exception):
    """A name in static/icons.txt for which there is no outline icon."""


def names() -> list[str]:
    """Return the icon names asked for, sorted; blank lines and # comments do not count."""
    lines = NAMES.read_text(encoding="utf-8").splitlines() if NAMES.exists() else []
    return sorted({name for line in lines if (name := line.partition("#")[0].strip())})


def sprite(wanted: list[str], folder: Path) -> str:
    """Return an SVG document with one symbol per name. Raises UnknownIcon, naming all."""
    unknown = [name for name in wanted if not (folder / f"{name}.svg").exists()]
    if unknown:
        raise UnknownIcon(f"static/icons.txt names no outline icon of Tabler: {', '.join(unknown)}")
    symbols = [_symbol(name, (folder / f"{name}.svg").read_text("utf-8")) for name in wanted]
    return f'<svg xmlns="{SVG}">\n' + "\n".join(symbols) + "\n</svg>\n"


def _symbol(name: str, source: str) -> str:
    shapes = re.sub(r".*<svg[^>]*>|</svg>.*|\s+(?=<)", "", source, flags=re.DOTALL)
    return SYMBOL.format(name=name, shapes=shapes.strip())
