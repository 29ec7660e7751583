"""A scanned paper is read where the extra `ocr` is installed, and told apart from an empty one where it is not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from innozone.kernel.reading import ReadingError, ocr
from innozone.kernel.reading.load import load_bytes

FONTS = [Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"), *Path("/usr/share/fonts").rglob("*CJK*.tt[cf]")]
LINES = [
    "示范新区研发投入补助实施细则",
    "第一条 申报条件：上年度营业收入1000万元以上，研发费用",
    "占营业收入比例5%以上。申报企业未发生重大安全事故。",
    "第二条 对符合条件的企业，给予20万元奖励。",
]
needs_ocr = pytest.mark.skipif(not ocr.installed(), reason="the extra `ocr` is not installed (INNOZONE_EXTRAS=ocr)")


def scan(*pages: list[str]) -> bytes:
    """Pages as pictures in a PDF, without a text layer."""
    pillow = pytest.importorskip("PIL.Image", reason="Pillow comes with the extra `ocr`")
    from PIL import ImageDraw, ImageFont

    font = next((path for path in FONTS if path.exists()), None)
    if font is None:
        pytest.skip("no font with Chinese letters on this machine")
    face = ImageFont.truetype(str(font), 44)
    made = []
    for lines in pages:
        picture = pillow.new("RGB", (1654, 2339), "white")
        for at, line in enumerate(lines):
            ImageDraw.Draw(picture).text((120, 200 + at * 90), line, font=face, fill="black")
        made.append(picture)
    out = io.BytesIO()
    made[0].save(out, "PDF", save_all=True, append_images=made[1:])
    return out.getvalue()


@needs_ocr
def test_a_scanned_page_is_read_to_the_letter():
    text = load_bytes(scan(LINES), "scan.pdf").text
    assert "".join(text.split()) == "".join("".join(LINES).split())
    # A printed line that is full goes on in the next.
    assert "研发费用占营业收入比例5%以上" in text


@needs_ocr
def test_empty_pages_are_still_said_to_be_scanned():
    with pytest.raises(ReadingError) as refused:
        load_bytes(scan([], []), "empty.pdf")
    assert refused.value.reason == "scanned"


@needs_ocr
def test_too_many_pages_and_too_long_are_refused(monkeypatch):
    monkeypatch.setattr(ocr, "MOST_PAGES", 1)
    with pytest.raises(ReadingError) as refused:
        load_bytes(scan([], []), "long.pdf")
    assert refused.value.reason == "too_large"
    monkeypatch.setattr(ocr, "MOST_PAGES", 5)
    monkeypatch.setattr(ocr, "SECONDS", -1.0)
    with pytest.raises(ReadingError) as refused:
        load_bytes(scan([], []), "slow.pdf")
    assert (refused.value.reason, "page 1" in refused.value.place) == ("slow", True)


def test_boxes_of_one_height_are_one_line_from_left_to_right():
    def box(x, y):
        return [[x, y], [x + 90, y], [x + 90, y + 40], [x, y + 40]]

    found = [(box(300, 104), "20万元"), (box(100, 200), "第二行"), (box(100, 100), "奖励")]
    assert ocr._lines(found) == ["奖励  20万元", "第二行"]
