"""A receipt is what its bytes are: photos without metadata, plain PDFs, nothing else is kept."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from PIL import Image

from orgchart.errors import Invalid, Locked, Refused
from orgchart.photos import LONGEST_SIDE
from subsidies.models import ClaimReceipt
from subsidies.services.receipt_files import LARGEST_FILE, read_receipt
from subsidies.services.receipts import MOST_RECEIPTS, attach_receipt, remove_receipt
from tests.district import District
from tests.subsidies.claims import at, attach, draft, open_claims, photo, submitted

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.html", "<b>x</b>")
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes whose header says 60 000 × 60 000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 7501 * 40)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (4, 4)).save(out, "GIF")
    return out.getvalue()


WRONG = {
    "empty": b"",
    "text": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>',
    "zip": zipped(),
    "gif": gif(),
    "executable": b"MZ" + b"\0" * 200,
    "half a photo": photo(1, size=(400, 400)).getvalue()[:300],
    "too large": PDF[:9] + b"\0" * LARGEST_FILE,
    "bomb": bomb(),
    "pdf without an end": PDF[:40],
    "pdf with a tail": PDF + b"MZ executable",
    "pdf and zip": PDF[:40] + zipped() + b"\n%%EOF",
    "pdf with a script": PDF[:40] + b"<</S/JavaScript/JS(x)>>\n%%EOF",
    "pdf not at the start": b"GIF89a" + PDF,
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_with_a_sentence_and_nothing_is_stored(
    district: District, content: bytes
) -> None:
    open_claims(district)
    row = draft(district, "10", when=at(3))
    with pytest.raises(Invalid) as refused:
        attach_receipt(
            claim=row, file=io.BytesIO(content), name="票.jpg", by=district.people["staff"],
            at=at(3),
        )  # fmt: skip
    assert [fault.pointer for fault in refused.value.faults] == ["/receipt"]
    assert not ClaimReceipt.objects.exists()


def test_a_bomb_is_refused_from_its_header() -> None:
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(Invalid, match="50"):
        read_receipt(io.BytesIO(bomb()))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_a_photo_loses_its_metadata_and_what_hides_behind_it() -> None:
    out = io.BytesIO()
    picture = Image.new("RGB", (3000, 1500), (200, 10, 10))
    exif = picture.getexif()
    exif[0x010F] = "SecretPhone"
    exif[0x0112] = 6  # turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(out, "JPEG", exif=exif, comment=b"SecretPlace")
    kept = read_receipt(io.BytesIO(out.getvalue() + zipped()))

    assert kept.kind == "image/jpeg"
    assert not any(mark in kept.content for mark in (b"Secret", b"Exif", b"PK\x03\x04"))
    again = Image.open(io.BytesIO(kept.content))
    assert again.size == (LONGEST_SIDE // 2, LONGEST_SIDE)
    assert not again.getexif()


def test_a_png_becomes_a_jpeg_and_a_pdf_stays_as_it_is() -> None:
    assert read_receipt(photo(1, "PNG")).content.startswith(b"\xff\xd8\xff")
    kept = read_receipt(io.BytesIO(PDF))
    assert (kept.kind, kept.content) == ("application/pdf", PDF)


def test_one_receipt_pays_one_claim(district: District) -> None:
    open_claims(district)
    first, second = (draft(district, "10", when=at(3)) for _ in range(2))
    staff = district.people["staff"]

    def add(row: Any) -> ClaimReceipt:
        return attach_receipt(claim=row, file=photo(7), name="a", by=staff, at=at(3))

    kept = add(first)
    assert add(first) == kept  # a double click
    with pytest.raises(Invalid, match=first.number):
        add(second)
    remove_receipt(receipt=kept, by=staff, at=at(3))
    assert add(second).claim == second


def test_only_the_claimant_attaches_and_only_so_many(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_claims(district)
    row = submitted(district, "10", when=at(3))
    kept = row.receipts.get()
    for person in ("head", "grid1"):
        with pytest.raises(Refused):
            remove_receipt(receipt=kept, by=district.people[person], at=at(3))
    monkeypatch.setattr("subsidies.services.receipts.MOST_RECEIPTS", 1)
    with pytest.raises(Locked, match="1"):
        attach_receipt(claim=row, file=photo(99), name="a", by=district.people["staff"], at=at(3))
    assert MOST_RECEIPTS == 20
    assert attach(district, draft(district, "10", when=at(3))) is None


def test_the_name_of_a_file_is_harmless(district: District) -> None:
    open_claims(district)
    row = draft(district, "10", when=at(3))
    kept = attach_receipt(
        claim=row, file=photo(1), name="../../etc/<b>发票\r\nX: y.exe.php",
        by=district.people["staff"], at=at(3),
    )  # fmt: skip
    assert kept.name == "b发票X y.exe.jpg"
    assert len(kept.token) >= 32
