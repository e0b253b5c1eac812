"""Challenge, start, hand in, ask: the four requests that the recorder makes around its upload.

The first three name no scope, so a token can't make them: only the person in the browser is recorded.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from cameos import capture_actions, challenge
from cameos.capture_access import capture_for
from cameos.capture_words import sentences
from cameos.intake.access import person, upload_for
from cameos.models import CameoCapture, Challenge
from cameos.recorded import Recorded


class StepOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    seconds = serializers.FloatField()
    sentence = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)


class ChallengeOut(serializers.Serializer[Any]):
    nonce = serializers.CharField()
    start_before = serializers.DateTimeField()
    start_within_s = serializers.IntegerField()
    seconds = serializers.FloatField()
    steps = StepOut(many=True)


class CaptureIn(serializers.Serializer[Any]):
    nonce = serializers.CharField(max_length=43)
    upload = serializers.UUIDField()
    human_note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ReasonOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField()


class CaptureOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    reasons = ReasonOut(many=True)
    numbers = serializers.DictField()


class RecorderView(APIView):
    """What the four requests share: who is recorded, and whose budget that spends."""

    def who(self, request: Request) -> Recorded:
        return person(request)

    def spend(self, request: Request) -> None:
        throttle.capture(person(request), timezone.now())


class ChallengesView(RecorderView):
    @extend_schema(request=None, responses={201: ChallengeOut})
    def post(self, request: Request) -> Response:
        """Draw a fresh challenge. Recording has to start within a minute."""
        self.spend(request)
        drawn = capture_actions.issue_challenge(who=self.who(request), now=timezone.now())
        return Response(ChallengeOut(_challenge(drawn)).data, status=201)


class StartView(RecorderView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, nonce: str) -> Response:
        """Say that recording starts now."""
        capture_actions.start(who=self.who(request), nonce=nonce, now=timezone.now())
        return Response(status=204)


class CapturesView(RecorderView):
    @extend_schema(request=CaptureIn, responses={201: CaptureOut})
    def post(self, request: Request) -> Response:
        """Hand in the finished upload as the answer to a challenge."""
        asked = CaptureIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = capture_actions.submit(
            who=self.who(request),
            nonce=asked.validated_data["nonce"],
            upload=upload_for(self.who(request), asked.validated_data["upload"]),
            human_note=asked.validated_data["human_note"],
            now=timezone.now(),
        )
        return Response(CaptureOut(_capture(made)).data, status=201)


class CaptureView(RecorderView):
    scopes = {"GET": "likeness:read"}

    @extend_schema(responses={200: CaptureOut})
    def get(self, request: Request, public_id: UUID) -> Response:
        """How the check stands, with reasons and what to do about each."""
        return Response(CaptureOut(_capture(capture_for(self.who(request), public_id))).data)


def _challenge(drawn: Challenge) -> dict[str, Any]:
    asked = challenge.Asked.of(drawn.movements, drawn.numbers)
    return {
        "nonce": drawn.nonce,
        "start_before": drawn.issued_at + challenge.START_WITHIN,
        "start_within_s": int(challenge.START_WITHIN.total_seconds()),
        "seconds": challenge.seconds(asked),
        "steps": challenge.steps(asked),
    }


def _capture(made: CameoCapture) -> dict[str, Any]:
    return {
        "id": made.public_id,
        "state": made.state,
        "reasons": sentences(made.reasons, decided=made.is_sent_back),
        "numbers": made.numbers,
    }
