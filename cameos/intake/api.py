"""The upload door: tus 1.0 over HTTP. One resource a file, for the recorder and for any tus client."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.refusals import Refused
from cameos.intake import uploads
from cameos.intake.access import person, upload_for
from cameos.models import Upload
from cameos.recorded import Recorded

VERSION = "1.0.0"
CONTENT_TYPE = "application/offset+octet-stream"
ABILITIES = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,expiration,checksum,termination",
    "Tus-Checksum-Algorithm": ",".join(uploads.CHECKSUMS),
    "Tus-Max-Size": str(max(p.max_bytes for p in uploads.PURPOSES.values())),
}


class OtherVersion(Refused):
    code = "tus_version"
    message = _("This door speaks tus 1.0.0.")
    status = 412

    def headers(self) -> dict[str, str]:
        return {"Tus-Version": VERSION}


class BadHeader(Refused):
    code = "tus_header"
    status = 400

    def __init__(self, name: str) -> None:
        super().__init__(message=_("The header %(name)s is missing or not as tus wants it.") % {"name": name})


class TusView(APIView):
    """What both resources share: the version header in and out, and the answer to OPTIONS."""

    scopes = dict.fromkeys(("POST", "HEAD", "PATCH", "DELETE", "OPTIONS"), "clips:write")
    place = "cameos:api-upload"

    def who(self, request: Request) -> Recorded:
        """Whose uploads these are."""
        return person(request)

    def spend(self, request: Request) -> None:
        throttle.upload(person(request), timezone.now())

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise OtherVersion()

    @extend_schema(responses={204: None})
    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """What this door can."""
        return Response(status=204, headers=ABILITIES)


class UploadsView(TusView):
    @extend_schema(request=None, responses={201: None})
    def post(self, request: Request) -> Response:
        """Announce a file (`Upload-Length`, `Upload-Metadata` with `purpose`); answers where to send it."""
        self.spend(request)
        upload = uploads.begin(
            owner=self.who(request),
            purpose=_metadata(request).get("purpose", ""),
            size=_number(request, "Upload-Length"),
            now=timezone.now(),
        )
        place = reverse(self.place, args=[upload.public_id])
        return Response(status=201, headers={**_standing(upload), "Location": place})


class UploadView(TusView):
    @extend_schema(responses={200: None})
    def head(self, request: Request, public_id: UUID) -> Response:
        """How much has arrived."""
        upload = _living(upload_for(self.who(request), public_id))
        headers = {"Upload-Length": str(upload.size), "Cache-Control": "no-store"}
        return Response(headers={**_standing(upload), **headers})

    @extend_schema(request=None, responses={204: None})
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Send the next piece, at most 4 MiB, with `Upload-Offset` and, if you like, `Upload-Checksum`."""
        if request.content_type != CONTENT_TYPE:
            raise BadHeader("Content-Type")
        upload = uploads.receive(
            upload=upload_for(self.who(request), public_id),
            offset=_number(request, "Upload-Offset"),
            piece=_body(request._request),
            checksum=request.headers.get("Upload-Checksum", ""),
            now=timezone.now(),
        )
        return Response(status=204, headers=_standing(upload))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Give an upload up; what arrived is erased."""
        uploads.discard(upload_for(self.who(request), public_id))
        return Response(status=204, headers={"Tus-Resumable": VERSION})


def _standing(upload: Upload) -> dict[str, str]:
    return {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }


def _living(upload: Upload) -> Upload:
    if upload.expires_at <= timezone.now():
        raise uploads.UploadGone()
    return upload


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadHeader(name)
    return int(text)


def _metadata(request: Request) -> dict[str, str]:
    """`Upload-Metadata: key base64,key base64` as text."""
    pairs = [pair.strip().partition(" ") for pair in request.headers.get("Upload-Metadata", "").split(",")]
    try:
        return {key: base64.b64decode(value, validate=True).decode() for key, _space, value in pairs if key}
    except ValueError as error:  # no Base64, no ASCII, no UTF-8
        raise BadHeader("Upload-Metadata") from error


def _body(request: HttpRequest) -> bytes:
    """The piece, read straight from the connection: never a form, never more than the limit."""
    piece = request.read(uploads.PIECE_BYTES + 1)
    if len(piece) > uploads.PIECE_BYTES:
        raise uploads.UploadTooLarge()
    return piece
