"""Why a generation failed, as one sentence for its maker. Credits are back in every case."""

from __future__ import annotations

import errno

from django.utils.translation import gettext as _

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# What CUDA, its libraries and torch on a CPU say in plain RuntimeErrors.
NO_ROOM = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")


def sentence(error: str) -> str:
    return _sentences().get(error, _("Something went wrong on this host."))


def codes() -> frozenset[str]:
    """The names of failures that have a sentence."""
    return frozenset(_sentences())


def _sentences() -> dict[str, str]:
    return {
        "screening_timeout": _(
            "The prompt could not be judged within ten minutes, because a part of this host is down."
        ),
        "queue_timeout": _("No worker took it within a day."),
        "disk_full": _("This host's disk is full. The operator has to make room."),
        "storage_away": _("The store that keeps this host's clips did not answer. Please try again."),
        "engine_missing": _("The engine or its weights are not there on this host."),
        "engine_not_licensed": _("The licence of this engine does not allow this host to run it."),
        "out_of_memory": _("There was not enough memory for this clip."),
        "remote_busy": _("The engine somewhere else has too much to do. Please try again later."),
        "remote_down": _("The engine somewhere else does not answer."),
        "remote_refused": _("The engine somewhere else did not take these words or numbers."),
        "remote_failed": _("The engine somewhere else could not make it."),
        "remote_timeout": _("The engine somewhere else did not finish in time."),
        "nan_frames": _("The engine gave pictures that are no pictures."),
        "engine_error": _("The engine stopped with an error."),
        "footage_gone": _("A film that it was to be made from is no longer there."),
        "footage_unreadable": _("A film that it was to be made from could not be opened."),
        "piece_gone": _("A clip that was to be cut into it is no longer there."),
        "photo_gone": _("A photo that it was to be made from is no longer there."),
        "photo_unreadable": _("A photo that it was to be made from could not be opened."),
        "product_unlike": _(
            "The finished pictures did not show the product as the photos do, so the clip was thrown away. "
            "Choose photos on which it is large and whole."
        ),
        "product_gone": _(
            "The product that it was to show is no longer there, or is not yours to show any more."
        ),
        "parent_gone": _("The clip that you remixed is gone."),
        "likeness_gone": _("The likeness of somebody cast is no longer there."),
        "sealing_failed": _("The clip could not be marked and signed, so it was thrown away."),
        "pictures_unjudged": _(
            "The finished pictures could not be judged, because a part of this host is missing."
        ),
        "keys_missing": _(
            "A key with which this host marks and signs clips is not there. Its operator has to look."
        ),
        "quarantined": _("Three workers went down with it one after another, so it was set aside."),
    }


def code_of(error: BaseException) -> str:
    """The name of an error that nobody named."""
    if isinstance(error, OSError) and error.errno in FULL:
        return "disk_full"
    if type(error).__module__.startswith("boto"):  # S3 raises no OSError
        return "storage_away"
    said = str(error).lower()
    if isinstance(error, MemoryError) or any(words in said for words in NO_ROOM):
        return "out_of_memory"
    return "engine_error"
