"""The marks of a clip, those that people see and the one that they do not, as one step for its frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from generation.provenance import china, mark_keys, visible, watermark
from generation.provenance.watermark import Frame


@dataclass(frozen=True)
class Marks:
    """`apply(frame, second)` gives a copy with the marks; `payload` is what the hidden one says, `fields` is
    what the files say beside their manifest."""

    payload: int
    key: bytes = field(repr=False)
    apply: Callable[[Frame, float], Frame]
    fields: Mapping[str, str] = field(default_factory=dict)

    def hide(self, picture: Frame) -> Frame:
        """A copy of any picture with the hidden mark alone."""
        return watermark.marker((picture.shape[1], picture.shape[0]), self.payload, self.key)(picture)

    @property
    def payload_hex(self) -> str:
        return f"{self.payload:016x}"


def marks_for(handle: str, size: tuple[int, int], *, by_model: bool = True) -> Marks:
    """For one clip of `size` (width, height) by the person of this handle; one that somebody filmed says so
    (`by_model` False). Raises `KeysMissing`."""
    payload, key = watermark.new_payload(), mark_keys.newest()
    hide = watermark.marker(size, payload, key)
    show = visible.mark_for(handle, size, by_model=by_model)
    if settings.CHINA_LABELS and by_model:
        label = china.label(size)
        fields = china.field(f"{payload:016x}")
        return Marks(payload, key, lambda frame, second: hide(label(show(frame, second))), fields)
    return Marks(payload, key, lambda frame, second: hide(show(frame, second)))
