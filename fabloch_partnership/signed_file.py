"""Checks on what people hand in when they sign: the image of a signature, the scan of a paper. Pure Python."""

import base64
import binascii
import hashlib
import io

from PIL import Image, UnidentifiedImageError

# A drawn signature weighs some thousand bytes; a photographed one is made small by the browser.
MAX_SIGNATURE_BYTES = 2_000_000
MAX_SCAN_BYTES = 20_000_000
MAX_PIXELS = 20_000_000
SIGNATURE_SIZE = (1000, 400)
SIGNATURE_FORMATS = ("PNG", "JPEG")
SCAN_FORMATS = {"PNG": "png", "JPEG": "jpg"}


class Refused(Exception):  # noqa: N818 (it is no error, it is an answer)
    """What was handed in can't be taken: `reason` is "missing", "size" or "kind"."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def sha256(content):
    """Return the SHA-256 of the bytes `content` in hexadecimal, as any tool computes it on the file."""
    return hashlib.sha256(content).hexdigest()


def decode(encoded, limit):
    """Return the bytes of the base64 text `encoded`, at most `limit` of them."""
    if not encoded or not isinstance(encoded, str | bytes):
        raise Refused("missing")
    if len(encoded) > limit * 4 // 3 + 4:
        raise Refused("size")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("kind") from error


def signature_png(encoded):
    """Return the image in the base64 text `encoded` drawn anew as a PNG: whatever else the file held is gone."""
    image = _open_image(decode(encoded, MAX_SIGNATURE_BYTES), SIGNATURE_FORMATS)
    image = image.convert("RGBA")
    if all(low == high for low, high in image.getextrema()):
        # Nothing is drawn on it.
        raise Refused("missing")
    image.thumbnail(SIGNATURE_SIZE)
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def scan_extension(content):
    """Return the extension of a scan: pdf, png or jpg. Its content decides, not its name."""
    if not content:
        raise Refused("missing")
    if len(content) > MAX_SCAN_BYTES:
        raise Refused("size")
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "pdf"
    return SCAN_FORMATS[_open_image(content, tuple(SCAN_FORMATS)).format]


def _open_image(content, formats):
    try:
        image = Image.open(io.BytesIO(content), formats=formats)
        if image.width * image.height > MAX_PIXELS:
            raise Refused("size")
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused("kind") from error
    return image
