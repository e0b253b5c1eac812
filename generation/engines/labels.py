"""A merchant's picture as pixels. Loads skia, so workers alone import it. No picture of a stranger comes
here: what a shop keeps was decoded behind walls and written anew, and the cards are our own."""

from __future__ import annotations

import numpy as np
import skia

from generation.engines.base import EngineFailed, Frame, ShownProduct

CARD = 480  # pixels along a side of a paper card


def picture_of(product: ShownProduct) -> Frame:
    """[H, W, 4], RGB and how opaque it is. Raises `EngineFailed("product_gone")` for what is no picture."""
    data = product.picture
    image = _card(data) if data.startswith(b"<svg") else _decoded(data)
    if image is None:
        raise EngineFailed("product_gone", "what the shop keeps is no picture")
    return np.array(image.toarray(colorType=skia.kRGBA_8888_ColorType))


def _decoded(data: bytes) -> skia.Image | None:
    return skia.Image.MakeFromEncoded(skia.Data.MakeWithCopy(data))


def _card(data: bytes) -> skia.Image | None:
    drawing = skia.SVGDOM.MakeFromStream(skia.MemoryStream(data, True))
    if drawing is None:
        return None
    surface = skia.Surface(CARD, CARD)
    drawing.setContainerSize(skia.Size(CARD, CARD))
    with surface as canvas:
        drawing.render(canvas)
    return surface.makeImageSnapshot()
