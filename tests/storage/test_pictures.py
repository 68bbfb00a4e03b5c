"""Pictures are made anew: nothing goes over but what is to be seen, and nothing is unpacked that is too much."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from storage.pictures import LONGEST_SIDE, MOST_SCANS, SMALL_SIDE, develop
from tests.drawing import CAMERA, from_a_camera, gone_over_again_and_again, opened, picture, png
from vraagbaak.errors import Invalid


def developed(content: bytes):
    return develop(io.BytesIO(content))


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        developed(content)
    assert refusal.value.field == "file"
    return refusal.value.code


def test_g16_nothing_that_a_camera_wrote_goes_over():
    """No place, no make, no remark, no profile and no moment is in what is kept, large or small."""
    sent = from_a_camera()
    assert CAMERA.encode() in sent
    made = developed(sent)
    for kept in (made.content, made.small):
        found = opened(kept)
        assert dict(found.getexif()) == {}
        assert set(found.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        assert not any(word in kept for word in (CAMERA.encode(), b"Exif", b"Fatma", b"http"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_g16_nor_what_a_program_wrote(kind):
    """The same for the other kinds."""
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    made = developed(picture(kind, exif=exif, icc_profile=b"profile of Fatma"))
    found = opened(made.content)
    assert dict(found.getexif()) == {}
    assert CAMERA.encode() not in made.content
    assert b"Fatma" not in made.content


def test_what_was_wiped_out_does_not_go_over():
    """Under what is wholly transparent nothing is left of the colours that were there."""
    secret = Image.new("RGBA", (40, 30), (200, 10, 60, 0))
    written = io.BytesIO()
    secret.save(written, "PNG")
    assert opened(developed(written.getvalue()).content).getpixel((3, 3)) == (0, 0, 0, 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright(orientation):
    """It is turned as the camera was held, for what says so does not go over."""
    made = developed(from_a_camera(orientation, size=(80, 60)))
    assert (made.width, made.height) == ((80, 60) if orientation < 5 else (60, 80))
    assert opened(made.content).size == (made.width, made.height)


@pytest.mark.parametrize(
    ("kind", "given", "becomes"),
    [
        ("JPEG", {}, "image/jpeg"),
        ("JPEG", {"mode": "CMYK"}, "image/jpeg"),
        ("JPEG", {"mode": "L"}, "image/jpeg"),
        ("MPO", {}, "image/jpeg"),
        ("PNG", {}, "image/png"),
        ("PNG", {"mode": "RGBA"}, "image/png"),
        ("PNG", {"mode": "LA"}, "image/png"),
        ("PNG", {"mode": "P"}, "image/png"),
        ("PNG", {"mode": "1"}, "image/png"),
        ("PNG", {"mode": "I;16"}, "image/png"),
        ("WEBP", {}, "image/webp"),
        ("GIF", {"mode": "P"}, "image/png"),
    ],
)
def test_every_usual_kind_is_taken(kind, given, becomes):
    """A picture of any of these kinds comes out as one of three."""
    made = developed(picture(kind, **given))
    assert made.media_type == becomes
    assert f"image/{opened(made.content).format.lower()}" == becomes
    assert len(made.blurhash) == 28


def test_of_a_moving_picture_the_first_one_is_kept():
    """Nothing moves by itself."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    found = opened(developed(written.getvalue()).content)
    assert getattr(found, "n_frames", 1) == 1
    assert found.convert("RGB").getpixel((1, 1)) == (255, 0, 0)


def test_large_pictures_are_made_smaller_and_small_ones_stay():
    """The longest side counts; a picture of one point is one too."""
    made = developed(picture(size=(4000, 1000)))
    assert (made.width, made.height) == (LONGEST_SIDE, 512)
    assert (made.small_width, made.small_height) == (SMALL_SIDE, 160)
    least = developed(picture(size=(1, 1)))
    assert (least.width, least.height, least.small_width, least.small_height) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xff\xd8\xff\xe0<script>",
        b"GIF89a<script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"ID3\x03\0\0\0" + b"\0" * 100,
        struct.pack(">I", 24) + b"ftypmp42" + b"\0" * 100,
        picture("BMP"),
        picture("TIFF"),
        picture("PPM"),
        picture("ICO"),
        picture("AVIF"),
        *(picture(kind, size=(400, 300))[:-900] for kind in ("JPEG", "PNG", "WEBP")),
        png(500, 500, b"\0" * 1000),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_h18_what_is_no_whole_picture_is_refused(content):
    """By its content, whatever it is called: also what is half there, and kinds that nobody needs."""
    assert refused(content) == "no-picture"


def test_a_page_behind_a_picture_does_not_go_over():
    """Whatever else a file would be to another reader, only the picture is kept."""
    page = b"<script>alert(1)</script>"
    made = developed(picture() + page)
    assert page not in made.content + made.small


@pytest.mark.parametrize(("width", "height"), [(7681, 4320), (50_000, 50_000), (2**31 - 1, 1)])
def test_d22_a_picture_that_would_unpack_to_too_much_is_not_unpacked(width, height):
    """It is judged by the size that it says it has."""
    assert refused(png(width, height, b"\0" * 10_000)) == "too-many-pixels"


def test_d22_points_beyond_the_size_are_not_unpacked():
    """A hundred megabytes behind a small picture are left where they are."""
    assert developed(png(50, 50, b"\0" * 100_000_000)).width == 50


def test_d22_a_picture_that_asks_to_be_gone_over_without_end_is_refused():
    """A few times is usual, thousands of times is an attack."""
    assert developed(gone_over_again_and_again(5)).width == 640
    assert refused(gone_over_again_and_again(MOST_SCANS)) == "no-picture"


def test_a_film_behind_a_picture_is_no_reason_to_refuse_it():
    """Telephones put one there, in which anything can stand."""
    film = b"\xff\xda" * 1000
    made = developed(picture() + film)
    assert film not in made.content
