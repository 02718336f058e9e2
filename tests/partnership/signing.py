"""What the tests of signatures have in common: images, a renderer that is quick, conventions sent and half signed."""

import base64
import io
from contextlib import contextmanager
from unittest.mock import patch

from PIL import Image, ImageDraw

from odoo.addons.base.models.ir_actions_report import IrActionsReport

PDF = b"%PDF-1.4\nnot a real one\n%%EOF\n"


def image(size=(300, 100), kind="PNG", drawn=True):
    """An image in base64, as the browser's signature component sends it."""
    output = io.BytesIO()
    picture = Image.new("RGB", size, "white")
    if drawn:
        ImageDraw.Draw(picture).line((10, 80, 200, 20), fill="black", width=3)
    picture.save(output, kind)
    return base64.b64encode(output.getvalue()).decode()


@contextmanager
def quick_pdf(content=PDF):
    """Documents are `content` at once; what they say is test_document.py's business."""
    with patch.object(IrActionsReport, "_render_qweb_pdf", lambda *_args, **_kwargs: (content, "pdf")):
        yield
