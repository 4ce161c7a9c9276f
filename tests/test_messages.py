"""The catalogue tool: what it collects, what it refuses, what it builds."""

import gettext
import subprocess
import sys
from pathlib import Path

import pytest

from tools import message_sources, messages
from tools.bootstrap import ROOT

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("kpi", "templates/kpi", "static/js/sheet", "locale/zh_Hans/LC_MESSAGES/js"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def catalogue(project: Path, name: str, text: str) -> None:
    (project / messages.FOLDER / f"{name}.po").write_text(HEADER + text, encoding="utf-8")


def faults(project: Path) -> list[str]:
    used = message_sources.uses(project)
    return list(messages.problems(used, messages.translations(project)))


def ids(project: Path) -> set[tuple[str, str]]:
    return {(use.domain, use.message.msgid) for use in message_sources.uses(project)}


def test_python_calls_of_every_kind_are_collected(project):
    (project / "kpi" / "views.py").write_text(
        "from django.utils.translation import gettext as _, ngettext_lazy, pgettext\n"
        "a = _('one ' 'text')\n"
        "b = ngettext_lazy('%(n)s unit', '%(n)s units', 'n')\n"
        "c = pgettext('month', 'May')\n"
    )
    found = [use.message for use in message_sources.uses(project)]
    assert found == [
        message_sources.Message("one text", None, None),
        message_sources.Message("%(n)s unit", "%(n)s units", None),
        message_sources.Message("May", None, "month"),
    ]


def test_template_tags_are_collected_whatever_their_indentation(project):
    (project / "templates" / "kpi" / "card.html").write_text(
        "{% load i18n %}<div>\n"
        "      {% translate 'Deep' %}\n"
        "   {% blocktranslate trimmed with n=rows %}\n        {{ n }} rows\n      in all\n"
        "  {% endblocktranslate %}\n"
        "{% include 'x.html' with title=_('Filtered') %}</div>\n"
    )
    assert ids(project) == {
        ("django", "Deep"),
        ("django", "%(n)s rows in all"),
        ("django", "Filtered"),
    }


def test_scripts_have_a_catalogue_of_their_own(project):
    (project / "static" / "js" / "sheet" / "grid.js").write_text("say(gettext('Saved'));\n")
    (project / "static" / "js" / "vendor").mkdir()
    (project / "static" / "js" / "vendor" / "x.js").write_text("gettext('Not ours');\n")
    assert ids(project) == {("djangojs", "Saved")}
    catalogue(project, "kpi", 'msgid "Saved"\nmsgstr "已保存"\n')
    assert len(faults(project)) == 2  # missing for scripts, used nowhere by pages
    (project / messages.FOLDER / "kpi.po").unlink()
    catalogue(project, "js/kpi", 'msgid "Saved"\nmsgstr "已保存"\n')
    assert faults(project) == []


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("", "no Chinese"),
        ('msgid "%(n)s units"\nmsgstr ""\n', "no Chinese"),
        ('#, fuzzy\nmsgid "%(n)s units"\nmsgstr "%(n)s 个单元"\n', "no Chinese"),
        ('msgid "%(n)s units"\nmsgstr "%(m)s 个单元"\n', "placeholders differ"),
        ('msgid "%(n)s units"\nmsgstr "单元:%(n)s 个"\n', "half-width punctuation"),
        ('msgid "%(n)s units"\nmsgstr "%(n)s 个"\n\nmsgid "Gone"\nmsgstr "无"\n', "used nowhere"),
        ('msgid "%(n)s units"\nmsgstr "%(n)s 个"\n\n#~ msgid "Old"\n#~ msgstr "旧"\n', "obsolete"),
    ],
)
def test_one_fault_is_one_sentence(project, entry, sentence):
    (project / "kpi" / "views.py").write_text("_('%(n)s units')\n")
    catalogue(project, "kpi", entry)
    found = faults(project)
    assert len(found) == 1
    assert sentence in found[0]


def test_a_python_placeholder_in_a_template_is_refused_as_it_would_be_shown_verbatim(project):
    (project / "templates" / "a.html").write_text(
        "{% blocktranslate %}%(n)s{% endblocktranslate %}"
    )
    assert "templates/a.html:1: write {{ name }}, not %(name)s, in blocktranslate" in faults(
        project
    )


def test_one_text_has_one_translation_in_all_files(project):
    (project / "kpi" / "views.py").write_text("_('task')\n")
    catalogue(project, "kpi", 'msgid "task"\nmsgstr "任务"\n')
    catalogue(project, "targets", 'msgid "task"\nmsgstr "任务"\n')
    assert faults(project) == []
    catalogue(project, "targets", 'msgid "task"\nmsgstr "指标"\n')
    assert "translated differently" in faults(project)[0]


def test_half_width_punctuation_in_a_template_is_found(project):
    (project / "templates" / "a.html").write_text("<p>任务,完成</p>\n<p>a, b: 任务，c</p>\n")
    assert [each.partition(" ")[0] for each in messages.half_width_in_templates(project)] == [
        "templates/a.html:1:"
    ]


def test_built_catalogues_hold_the_entries_of_all_files(project):
    catalogue(project, "kpi", 'msgid "task"\nmsgstr "任务"\n')
    catalogue(
        project, "targets", 'msgid "%(n)s row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "%(n)s 行"\n'
    )
    catalogue(project, "js/kpi", 'msgid "Saved"\nmsgstr "已保存"\n')
    messages.build(project)
    with (project / messages.FOLDER / "django.mo").open("rb") as file:
        built = gettext.GNUTranslations(file)
    assert built.gettext("task") == "任务"
    assert built.ngettext("%(n)s row", "%(n)s rows", 5) == "%(n)s 行"
    assert built.gettext("Saved") == "Saved"


def test_missing_entries_are_printed_ready_to_fill_in(project):
    (project / "templates" / "base.html").write_text("{% load i18n %}{% translate 'Search' %}")
    text = messages.missing("shell", message_sources.uses(project), messages.translations(project))
    assert 'msgid "Search"\nmsgstr ""' in text
    assert "shell.po" in text


def test_catalogues_are_built_without_the_test_tools():
    script = (
        "import sys; sys.modules['babel'] = None; from tools import messages;"
        "sys.exit(messages.main(['build']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
