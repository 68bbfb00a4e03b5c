"""Pictures for tests, as cameras and attackers make them."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

CAMERA = "Kastanje-3000"
PLACE = (52.0, 22.0, 12.25)


def picture(kind: str = "JPEG", size: tuple[int, int] = (80, 60), **given) -> bytes:
    """A picture of this kind, with some points in it."""
    mode = given.pop("mode", "RGB")
    made = Image.linear_gradient("L").resize(size).convert(mode)
    written = io.BytesIO()
    made.save(written, kind, **given)
    return written.getvalue()


def from_a_camera(orientation: int = 1, size: tuple[int, int] = (80, 60)) -> bytes:
    """A JPEG that tells with what and where it was made, and by whom."""
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    exif[0x0112] = orientation
    exif[0x9286] = b"van Fatma"
    exif.get_ifd(0x8825).update({1: "N", 2: PLACE, 3: "E", 4: PLACE})
    return picture(size=size, exif=exif, comment=b"van Fatma", icc_profile=b"profile of Fatma")


def opened(content: bytes) -> Image.Image:
    """The picture in these bytes, with all its points."""
    found = Image.open(io.BytesIO(content))
    found.load()
    return found


def png(width: int, height: int, points: bytes) -> bytes:
    """A PNG that says it is this large, with these points in it, packed."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(points))
        + chunk(b"IEND", b"")
    )


def gone_over_again_and_again(times: int) -> bytes:
    """A small JPEG that asks to be gone over so many times more."""
    whole = picture(size=(640, 480), progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * times + b"\xff\xd9"
