"""What each reason says to the person who recorded: one sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cameos.intake.refusals import SENTENCES, IntakeReason
from cameos.verdicts import WEAK, Reason

Text = Promise | str

WORDS: dict[Reason, tuple[Text, Text]] = {
    Reason.TOO_SHORT: (_("The recording is too short."), _("Let it run to the end.")),
    Reason.CHOPPY: (
        _("The picture stood still in between."),
        _("Close other programs that use the camera or much computing, and record again."),
    ),
    Reason.NO_FACE: (
        _("Your face was not to be seen all the time."),
        _("Keep it inside the frame, with nothing in front of it, also while you turn."),
    ),
    Reason.TWO_FACES: (
        _("More than one face was in the picture."),
        _("Be alone before the camera, and mind pictures and screens behind you."),
    ),
    Reason.FACE_TOO_SMALL: (_("Your face was too far away."), _("Come closer, until it fills the oval.")),
    Reason.TOO_DARK: (_("It was too dark."), _("Turn towards a window or a lamp.")),
    Reason.TOO_BRIGHT: (_("It was too bright."), _("Turn away from the lamp, or dim it.")),
    Reason.BLURRED: (_("The picture was blurred."), _("Wipe the lens and hold the device still.")),
    Reason.CUT: (
        _("The recording has a cut or a sudden jump."),
        _("Record in one piece, without moving the device."),
    ),
    Reason.OTHER_PERSON: (
        _("It does not look like the same person from start to end."),
        _("Only you may be recorded, without mask or covered face."),
    ),
    Reason.WRONG_MOVEMENTS: (
        _("The head movements were not the ones asked for, in their order."),
        _(
            "Turn clearly, come back to the middle each time, and wait for the next line."
            " Left is your own left."
        ),
    ),
    Reason.NO_BLINK: (
        _("No blink was seen."),
        _("Close both eyes for half a second when asked, then open them. Take off dark glasses."),
    ),
    Reason.NO_SOUND: (_("The recording has no sound."), _("Allow the microphone, and record again.")),
    Reason.SILENT: (
        _("Nobody was heard speaking."),
        _("Check that the right microphone is chosen, and speak a little louder."),
    ),
    Reason.CLIPPED: (_("The sound was far too loud."), _("Move away from the microphone a little.")),
    Reason.LIPS_UNSEEN: (
        _("The picture stood still while you spoke."),
        _("Close other apps and pages, and record again."),
    ),
    Reason.LIPS_STILL: (
        _("Your lips did not move with the voice."),
        _("Say the numbers yourself, with your mouth in the picture."),
    ),
    Reason.LIPS_FAINT: (
        _("Your lips moved little while you spoke."),
        _("A person will look at it. You will be told."),
    ),
    Reason.LIPS_APART: (
        _("Lips and voice do not keep step."),
        _("A person will look at it. You will be told."),
    ),
    Reason.WRONG_NUMBERS: (
        _("We did not hear the three numbers."),
        _("Say each one clearly when its line shows, in English, in a quiet room."),
    ),
    Reason.VOICE_CHANGES: (
        _("The numbers do not sound like one voice."),
        _("A person will listen to it. You will be told."),
    ),
    Reason.SEEN_BEFORE: (
        _("This recording was used before."),
        _("Record afresh: a challenge is answered once."),
    ),
    Reason.NEVER_ME: (
        _("Somebody who looks like you asked never to be shown on this host."),
        _(
            "If that was you, take that entry off with its code first. If it was not, record again"
            " and ask for a person, who will decide."
        ),
    ),
    Reason.LIKE_ANOTHER: (
        _("You look like somebody whose likeness is here already, as twins do."),
        _("A person will look at it. You will be told."),
    ),
    Reason.LOOKS_FLAT: (
        _("The picture looks like a photograph that is moved."),
        _("A person will look at it. You will be told."),
    ),
    Reason.LOOKS_LIKE_A_SCREEN: (
        _("The picture looks like one filmed from a screen or a print."),
        _("A person will look at it. You will be told."),
    ),
    Reason.FRAMED: (
        _("Dark edges that never change look like the border of a screen."),
        _("A person will look at it. You will be told."),
    ),
}
ASKED_FOR_HUMAN, HOST_WANTS_HUMAN = "asked_for_human", "host_wants_human"
_MORE: dict[str, tuple[Text, Text]] = {
    ASKED_FOR_HUMAN: (
        _("You asked for a person to look at it."),
        _("They decide within 14 days. You will be told."),
    ),
    HOST_WANTS_HUMAN: (
        _("On this host a person looks at every recording."),
        _("They decide within 14 days. You will be told."),
    ),
    "outrun": (
        _("Another recording of yours was faster, or you erased your likeness meanwhile."),
        _("This recording was erased. Nothing came of it."),
    ),
    "nobody_decided": (
        _("Nobody looked at your recording in time, so it was erased."),
        _("That was our fault. Please record again, or write to the operator of this host."),
    ),
}
# What to do about a weak sign when it was sent back.
_SENT_BACK: dict[str, Text] = {
    Reason.LIPS_FAINT: _("Come closer, into good light, open your mouth well, and record again."),
}

# The same to a moderator, where the sentence above speaks to whoever recorded.
_OF_THEM: dict[str, Text] = {
    Reason.NO_FACE: _("The face was not to be seen all the time."),
    Reason.FACE_TOO_SMALL: _("The face was too far away."),
    Reason.LIPS_UNSEEN: _("The picture stood still while the person spoke."),
    Reason.LIPS_STILL: _("The lips did not move with the voice."),
    Reason.LIPS_FAINT: _("The lips moved little while the person spoke."),
    Reason.WRONG_NUMBERS: _("The machine did not hear the three numbers."),
    Reason.NEVER_ME: _("The person looks like somebody who asked never to be shown on this host."),
    Reason.LIKE_ANOTHER: _("The person looks like somebody whose likeness is here already, as twins do."),
    ASKED_FOR_HUMAN: _("The person asked that somebody look at it instead of the machine."),
    "outrun": _("Another recording of the person was faster, or they erased their likeness meanwhile."),
    "nobody_decided": _("Nobody looked at this recording in time, so it was erased."),
}


def for_moderators(reasons: Sequence[str]) -> list[str]:
    """Why a recording waits for a decision, in words about the person and not to them."""
    return [str(_OF_THEM.get(reason) or words_for(reason)["message"]) for reason in reasons]


def sentences(reasons: Sequence[str], *, decided: bool = False) -> list[dict[str, str]]:
    """What to tell whoever recorded: who is sent back, not what a person would have looked at besides; who
    waits for a person, not to record again. `decided`: nobody looks at it any more, and it is sent back."""
    waits = {ASKED_FOR_HUMAN, HOST_WANTS_HUMAN} & set(reasons)
    left = [reason for reason in reasons if not (decided and reason in waits)]
    told = [reason for reason in left if reason not in WEAK] or left
    if Reason.LIPS_UNSEEN in told:  # of lips that were not seen nobody is told that they stood still
        told = [reason for reason in told if reason != Reason.LIPS_STILL]
    lines = [words_for(reason) for reason in told if reason not in waits]
    if decided:  # that a person will look at it would be said too late
        again = words_for("not_accepted")
        return [_sent_back(line, again) if line["code"] in WEAK else line for line in lines] or [again]
    if not waits:
        return lines
    return [*({**line, "hint": ""} for line in lines), *map(words_for, sorted(waits))]


def _sent_back(line: dict[str, str], again: dict[str, str]) -> dict[str, str]:
    return line | {"hint": str(_SENT_BACK.get(line["code"], again["hint"]))}


def words_for(reason: str) -> dict[str, str]:
    """`code`, `message` and `hint` of a reason of the check or of the intake, in the reader's language."""
    if reason in _MORE:
        message, hint = _MORE[reason]
    elif reason in set(Reason):
        message, hint = WORDS[Reason(reason)]
    elif reason in set(IntakeReason):
        message, hint = (
            SENTENCES[IntakeReason(reason)],
            _("Record again in this browser, or try another one."),
        )
    else:
        message, hint = _("The recording could not be used."), _("Please record again.")
    return {"code": reason, "message": str(message), "hint": str(hint)}
