"""QR codes as SVG inside a page."""

import segno
from markupsafe import Markup

_QUIET = 4
"""White modules around the code, as ISO/IEC 18004 wants them."""


def qr_code_svg(text: str) -> Markup:
    """Return the SVG element of a QR code, black on white in every theme, without a size."""
    code = segno.make_qr(text, error="m")
    svg = code.svg_inline(
        border=_QUIET, dark="#000", light="#fff", omitsize=True, svgclass="qr-code", lineclass=None
    )
    return Markup(svg)  # noqa: S704 -- made of numbers only: the text is in the squares
