"""Why an uploaded file was not taken: one name and one sentence each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class IntakeReason(StrEnum):
    """The names the decoding child and the upload door answer with."""

    EMPTY = "empty"
    UNKNOWN_KIND = "unknown_kind"
    BROKEN = "broken"
    NO_PICTURE_TRACK = "no_picture_track"
    TOO_MANY_TRACKS = "too_many_tracks"
    CODEC_NOT_TAKEN = "codec_not_taken"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_MANY_FRAMES = "too_many_frames"
    IMPLAUSIBLE_LENGTH = "implausible_length"
    TOO_HEAVY = "too_heavy"
    TOOK_TOO_MUCH = "took_too_much"
    DECODER_DIED = "decoder_died"


SENTENCES: dict[IntakeReason, Promise | str] = {
    IntakeReason.EMPTY: _("The file is empty. Please record or choose it again."),
    IntakeReason.UNKNOWN_KIND: _(
        "This is not a kind of file we open. We take MP4, WebM and MOV films, and JPEG, PNG, "
        "WebP and AVIF pictures; what counts is the content, not the name."
    ),
    IntakeReason.BROKEN: _("The file is damaged or incomplete. Please record or export it again."),
    IntakeReason.NO_PICTURE_TRACK: _("There is no picture in this film, only sound or nothing."),
    IntakeReason.TOO_MANY_TRACKS: _(
        "The film has more tracks than one picture and one sound. Please export it plainly."
    ),
    IntakeReason.CODEC_NOT_TAKEN: _(
        "The film is stored in a way we do not open. H.264, VP8, VP9 or AV1 with AAC or Opus sound work."
    ),
    IntakeReason.TOO_MANY_PIXELS: _("The picture is larger than we open. Please make it smaller."),
    IntakeReason.TOO_SMALL: _("The picture is too small to be of use. Please use a larger one."),
    IntakeReason.TOO_LONG: _("The film is longer than it may be. Please cut or record it again."),
    IntakeReason.TOO_SHORT: _(
        "The film is too short. A film of yours lasts half a second at least; a recording runs to its end."
    ),
    IntakeReason.TOO_MANY_FRAMES: _("The film holds more pictures than we open."),
    IntakeReason.IMPLAUSIBLE_LENGTH: _(
        "The file claims to be far longer than its size can hold, so we did not open it."
    ),
    IntakeReason.TOO_HEAVY: _("The file is larger than it may be."),
    IntakeReason.TOOK_TOO_MUCH: _(
        "Opening this file took more time or memory than we give. Please export it again, shorter or smaller."
    ),
    IntakeReason.DECODER_DIED: _("The file could not be opened safely. Please record or export it again."),
}


class IntakeRefused(Exception):
    """The file was not taken. `reason` names why; `sentence` says it to a person."""

    def __init__(self, reason: IntakeReason, **numbers: Any) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.numbers = numbers

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.reason])
