"""The colours: contrast recomputed from the file, and no colour value anywhere else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOKENS = ROOT / "static" / "css" / "tokens.css"
THEMES = {"light": ":root {", "dark": '[data-bs-theme="dark"] {'}
GROUNDS = ["bg", "surface", "sunken", "hover", "locked", "accent-soft"]
SOFT = ["good-soft", "warn-soft", "bad-soft", "honour-soft"]
TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS + SOFT],
    *[(ink, ground) for ink in ("accent", "accent-ink") for ground in GROUNDS],
    *[(ink, ground) for ink in ("good", "warn", "bad") for ground in GROUNDS],
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("honour", "honour-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-ink"),
    ("surface", "honour"),
    ("on-pop", "pop"),
    ("pop-link", "pop"),
    ("pop-good", "pop"),
]
SHAPE_PAIRS = [
    *[(shape, "surface") for shape in ("control", "accent", "accent-mute", "honour")],
    *[(shape, "surface") for shape in ("good", "warn-shape", "bad")],
    ("warn-shape", "warn-soft"),
    ("control", "sunken"),
]
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![-\w])|\b(?:rgb|hsl)a?\(")


def tokens(theme: str) -> dict[str, str]:
    """Return the colours of a theme, as six hex digits by name."""
    sheet = TOKENS.read_text(encoding="utf-8")
    start = sheet.index(THEMES[theme])
    block = sheet[start : sheet.index("}", start)]
    return dict(re.findall(r"--([\w-]+): #([0-9A-F]{6});", block))


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_reaches_4_5_to_1_on_every_ground_it_stands_on(theme: str) -> None:
    colours = tokens(theme)

    weak = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in TEXT_PAIRS
        if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    }

    assert weak == {}


@pytest.mark.parametrize("theme", THEMES)
def test_shapes_and_control_borders_reach_3_to_1(theme: str) -> None:
    colours = tokens(theme)

    weak = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in SHAPE_PAIRS
        if contrast(colours[pair[0]], colours[pair[1]]) < 3
    }

    assert weak == {}


def test_both_themes_define_the_same_tokens() -> None:
    assert tokens("light").keys() == tokens("dark").keys()


def test_no_colour_value_stands_outside_the_tokens() -> None:
    sources = [
        *(path for path in (ROOT / "static" / "css").glob("*.css") if path != TOKENS),
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "static" / "js").rglob("*.js"),
    ]

    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sources
        for match in COLOUR.finditer(path.read_text(encoding="utf-8"))
    }

    assert found == set()


def test_no_template_carries_inline_style_or_script() -> None:
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\ssrc=)", re.IGNORECASE)

    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in (ROOT / "templates").rglob("*.html")
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_icons_that_templates_name_are_in_the_list() -> None:
    listed = set((ROOT / "static" / "icons.txt").read_text(encoding="utf-8").split())
    sources = (ROOT / "templates").rglob("*.html")
    named = re.compile(r'components/icon\.html" with name="([\w-]+)"|\sicon="([\w-]+)"')

    missing = {
        name
        for path in sources
        for match in named.finditer(path.read_text(encoding="utf-8"))
        if (name := match[1] or match[2]) not in listed
    }

    assert missing == set()


@pytest.mark.parametrize(
    "sheet", sorted((ROOT / "static" / "css").glob("*.css")), ids=lambda path: path.stem
)
def test_every_rule_of_a_style_sheet_is_closed(sheet: Path) -> None:
    """A brace lost in a merge keeps every rule after it to itself, and nothing complains."""
    depth = 0
    for brace in re.findall(r"[{}]", re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)):
        depth += 1 if brace == "{" else -1
        assert depth in (0, 1, 2)  # a rule, at most within an @media
    assert depth == 0
