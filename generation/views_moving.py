"""Moving between hosts, for its person; and which hosts this one believes, for the operator."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import events, stepup
from accounts.access import operator_only
from accounts.edge import SignedInRequest
from accounts.outbound import OutboundRefused
from cameos import carried
from generation import moving
from generation.models import Move


class BringArchiveForm(forms.Form):
    archive = forms.FileField(
        label=gettext_lazy("The archive that your other host gave you"),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
    )


class HostForm(forms.Form):
    address = forms.URLField(
        label=gettext_lazy("Address of the host"),
        max_length=300,
        assume_scheme="https",
        help_text=gettext_lazy("https://… as people open it. Its public keys are fetched from there."),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def move(request: SignedInRequest) -> HttpResponse:
    """Take everything along, or bring it in."""
    form = BringArchiveForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        stepup.require(request)
        if "out" in request.POST:
            moving.ask_out(person=request.user, now=timezone.now())
            events.told("exported", user=request.user)
            messages.success(request, _("Your archive is being written. You are told when it is ready."))
            return redirect("generation:move")
        if form.is_valid():
            moving.bring_in(person=request.user, file=form.cleaned_data["archive"], now=timezone.now())
            messages.success(
                request, _("The archive is here and is being looked at. You are told what came in.")
            )
            return redirect("generation:move")
    context = {
        "form": form if request.FILES or form.errors else BringArchiveForm(),
        "moves": [(row, moving.is_kept(row)) for row in moving.of(request.user)],
        "believed": sorted(carried.believed()),
        "is_fresh": stepup.is_fresh(request, timezone.now()),
    }
    return render(
        request, "generation/move.html", context, status=400 if form.errors and form.is_bound else 200
    )


@require_safe
@never_cache
@login_required
def move_file(request: SignedInRequest, public_id: UUID) -> FileResponse:
    """The archive, for two days."""
    row = moving.one(request.user, public_id)
    stepup.require(request)
    return archive_of(row)


def archive_of(row: Move) -> FileResponse:
    if not moving.is_kept(row):
        raise Http404
    name = f"understudy-{row.person.username}.zip"
    return FileResponse(
        row.path.open("rb"), as_attachment=True, filename=name, content_type="application/zip"
    )


@require_POST
@login_required
def move_drop(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = moving.one(request.user, public_id)
    if row.state in {Move.State.DONE, Move.State.FAILED}:
        moving.drop(row)
        messages.success(request, _("The archive is gone from this host."))
    return redirect("generation:move")


@require_http_methods(["GET", "POST"])
@login_required
def hosts(request: SignedInRequest) -> HttpResponse:
    """The operator says which hosts' archives are believed."""
    operator_only(request.user)
    form = HostForm(request.POST if "address" in request.POST else None)
    if request.method == "POST":
        stepup.require(request)
        if "drop" in request.POST:
            carried.doubt(request.POST["drop"])
            messages.success(request, _("Archives of that host are not believed any more."))
            return redirect("generation:operate-hosts")
        if form.is_valid():
            try:
                host = carried.meet(form.cleaned_data["address"])
                messages.success(
                    request, _("Archives of %(host)s are believed from now on.") % {"host": host}
                )
                return redirect("generation:operate-hosts")
            except (carried.NotBelieved, OutboundRefused) as no:
                form.add_error("address", str(getattr(no, "message", "") or no))
    listed = [(host, len(keys)) for host, keys in sorted(carried.believed().items())]
    shown = {"form": form, "hosts": listed, "is_fresh": stepup.is_fresh(request, timezone.now())}
    return render(request, "generation/operate_hosts.html", shown, status=400 if form.errors else 200)
