"""A restored backup equals its source."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from orgchart.models import Person
from tests.district import build_district

pytestmark = pytest.mark.django_db(transaction=True)


def checksums() -> dict[str, tuple[int, str]]:
    """Return rows and SHA-256 of every table."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = sorted(map(repr, cursor.fetchall()))
        found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "receipt.pdf").write_bytes(b"%PDF receipt")
    return settings.MEDIA_ROOT


def test_a_restored_backup_equals_its_source(tmp_path: Path, media: Path) -> None:
    build_district()
    before = checksums()
    file = tmp_path / "backup.tar.gz"
    call_command("backup", str(file), verbosity=0)

    Person.objects.update(name_zh="改名")
    (media / "receipt.pdf").unlink()
    assert checksums() != before
    call_command("restore", str(file), "--yes", verbosity=0)

    assert checksums() == before
    assert (media / "receipt.pdf").read_bytes() == b"%PDF receipt"


def test_a_database_with_data_is_not_overwritten_unasked(tmp_path: Path, media: Path) -> None:
    build_district()
    file = tmp_path / "backup.tar.gz"
    call_command("backup", str(file), verbosity=0)
    Person.objects.update(name_zh="改名")
    with pytest.raises(CommandError, match="--yes"):
        call_command("restore", str(file))
    assert Person.objects.filter(name_zh="改名").exists()


def test_what_is_no_backup_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    file.write_bytes(b"something else")
    with pytest.raises(CommandError, match="not a backup"):
        call_command("restore", str(file), "--yes")
