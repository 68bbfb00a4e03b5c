"""Pictures as members send them, made anew: only what is to be seen goes over, nothing that a camera wrote beside it.

What is no JPEG, PNG, WebP or GIF by its content is refused, whatever it is called; so is what would unpack to more than
is sensible. Of a moving picture the first one is kept. The only module that imports Pillow.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import IO

import blurhash
from PIL import Image
from PIL.ExifTags import Base
from PIL.Image import Transpose

from vraagbaak.errors import Invalid
from vraagbaak.media import MOST_PIXELS

FORMATS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "PNG"}
"""What is read, and what it becomes. MPO is what many telephones write into a .jpg: one or more JPEGs."""
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
LONGEST_SIDE = 2048
SMALL_SIDE = 640
QUALITY = 85
MOST_SCANS = 50
_BLUR_SIDE = 32
_START_OF_IMAGE = b"\xff\xd8"
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
# Neither stuffed or fill bytes nor the markers without a length, which stand inside a scan.
_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]", re.DOTALL)
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What undoes each orientation of EXIF."""

# Pillow only warns from here on, and refuses from twice as many.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Developed:
    """A picture as it is kept: the file, a small one, and what there is to say of them."""

    media_type: str
    content: bytes
    width: int
    height: int
    small: bytes
    small_width: int
    small_height: int
    blurhash: str
    """What an app shows until the picture is there."""


def develop(file: IO[bytes]) -> Developed:
    """The picture in this file, made anew. Takes up to a second of one processor. Raises Invalid for anything else."""
    file.seek(0)
    sent = file.read()
    if _scans(sent) > MOST_SCANS:
        raise _no_picture()
    try:
        with Image.open(io.BytesIO(sent), formats=("JPEG", "PNG", "WEBP", "GIF")) as given:
            kind = FORMATS[given.format or ""]
            picture = _plain(given, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception:  # noqa: BLE001 - decoders trip in many ways over what is broken or made up
        raise _no_picture() from None
    small = picture.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return Developed(
        media_type=MEDIA_TYPES[kind],
        content=_encoded(picture, kind),
        width=picture.width,
        height=picture.height,
        small=_encoded(small, kind),
        small_width=small.width,
        small_height=small.height,
        blurhash=_blurred(small),
    )


def _no_picture() -> Invalid:
    return Invalid(
        "file",
        "Send a picture: JPEG, PNG, WebP or GIF. Sound, film and broken files are not taken here.",
        "no-picture",
    )


def _scans(sent: bytes) -> int:
    """How often a JPEG asks to be gone over: a small file can ask it thousands of times, for the whole of a huge picture.

    Only what a decoder would read is looked at, up to the end of the picture; telephones put films behind that.
    """
    if not sent.startswith(_START_OF_IMAGE):
        return 0
    scans, at = 0, 2
    while found := _MARKER.search(sent, at):
        marker = sent[found.end() - 1]
        if marker == _END_OF_IMAGE:
            break
        scans += marker == _START_OF_SCAN
        at = found.end() + max(2, int.from_bytes(sent[found.end() : found.end() + 2], "big"))
    return scans


def _too_large() -> Invalid:
    return Invalid(
        "file",
        "This picture is too large: at most %(most)d million points. Make it smaller first.",
        "too-many-pixels",
        most=MOST_PIXELS // 1_000_000,
    )


def _plain(given: Image.Image, kind: str) -> Image.Image:
    """The points alone, no more of them than are kept, turned as the camera was held."""
    given.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is unpacked smaller at once
    given.load()
    turn = _TURNS.get(_orientation(given))
    mode = "RGBA" if kind != "JPEG" and given.has_transparency_data else "RGB"
    points = given if given.mode == mode else _in_eight_bits(given).convert(mode)
    points.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if turn is not None:
        points = points.transpose(turn)
    fresh = Image.new(mode, points.size)
    if mode == "RGBA":  # what was wiped out by making it transparent can still have its colours
        return Image.alpha_composite(fresh, points)
    fresh.paste(points)
    return fresh


def _in_eight_bits(given: Image.Image) -> Image.Image:
    """Pillow cuts greys of sixteen bits off at white; they are scaled instead."""
    return given.point(lambda grey: grey / 256).convert("L") if given.mode.startswith("I") else given


def _orientation(given: Image.Image) -> int:
    try:
        return int(given.getexif().get(Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - what cannot be read is not turned, for it is thrown away anyhow
        return 1


def _encoded(picture: Image.Image, kind: str) -> bytes:
    written = io.BytesIO()
    if kind == "PNG":
        picture.save(written, kind, optimize=False)
    elif kind == "WEBP":
        picture.save(written, kind, quality=QUALITY, method=4)
    else:
        picture.save(written, kind, quality=QUALITY, progressive=True)
    return written.getvalue()


def _blurred(small: Image.Image) -> str:
    tiny = small.convert("RGB").resize((_BLUR_SIDE, _BLUR_SIDE))
    points = tiny.tobytes()
    rows = [
        [points[at : at + 3] for at in range(row, row + 3 * _BLUR_SIDE, 3)]
        for row in range(0, len(points), 3 * _BLUR_SIDE)
    ]
    made: str = blurhash.encode(rows, components_x=4, components_y=3)
    return made
