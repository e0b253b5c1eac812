"""Both marks of a clip, the one that people see and the one that they do not, as one step for its frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generation.provenance import mark_keys, visible, watermark
from generation.provenance.watermark import Frame


@dataclass(frozen=True)
class Marks:
    """`apply(frame, second)` gives a marked copy; `payload` is what the hidden mark says."""

    payload: int
    apply: Callable[[Frame, float], Frame]

    @property
    def payload_hex(self) -> str:
        return f"{self.payload:016x}"


def marks_for(handle: str, size: tuple[int, int]) -> Marks:
    """For one clip of `size` (width, height) by the person of this handle. Raises `KeysMissing`."""
    payload = watermark.new_payload()
    hide = watermark.marker(size, payload, mark_keys.newest())
    show = visible.mark_for(handle, size)
    return Marks(payload, lambda frame, second: hide(show(frame, second)))
