"""My likeness: who may cast me, where I am in it, and every way to take it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access as people
from accounts import guardians, pagination, stepup
from accounts.age import is_teen
from accounts.edge import SignedInRequest
from cameos import (
    access,
    actions,
    consent,
    freeze_requests,
    ledger,
    ledger_lines,
    preview,
    queries,
    revocation,
    uses,
    wording,
)
from cameos import terms as the_terms
from cameos.capture_access import latest_for
from cameos.forms import FreezeRequestForm, GrantForm, initial_of
from cameos.models import Audience, Cameo
from cameos.refusals import TermsRefused

DRAFT = "likeness_grant_draft"
DRAFT_KEPT = timedelta(minutes=30)  # the time it takes to prove who one is; later the grant itself is shown
PAGE_SIZE = 24


@require_GET
@login_required
def likeness(request: SignedInRequest) -> HttpResponse:
    """The owner's page; somebody without a likeness is told what one is."""
    mine = access.cameos_of(request.user).filter(state=Cameo.State.VERIFIED)
    if not mine.exists():
        held = guardians.limits(request.user, timezone.now()).no_casting
        shown = {"guardian_holds": held, "latest": latest_for(request.user)}
        return render(request, "cameos/no_likeness.html", shown)
    cameo, now = access.cameo_of(request.user, request.GET.get("of")), timezone.now()
    page = pagination.newest_first(
        queries.shown_uses(cameo, now), before=request.GET.get("before"), size=PAGE_SIZE
    )
    page_of_one = {
        "overview": queries.overview(cameo, now),
        "cameo": cameo,
        "page": page,
        "name": request.GET.get("name", ""),
        "is_recorded": mine.filter(kind=Cameo.Kind.PERSON).exists(),
    }
    return render(request, "cameos/likeness.html", page_of_one)


@require_http_methods(["GET", "POST"])
@login_required
def grant(request: SignedInRequest) -> HttpResponse:
    """The grant editor. What was filled in survives the detour over step-up."""
    now, cameo = timezone.now(), access.cameo_of(request.user, request.GET.get("of"))
    draft = _draft_of(request, cameo, now)
    form = _grant_form(request, cameo, draft)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_grant(
                cameo=cameo,
                owner=request.user,
                terms=form.terms(),
                stepped_up=stepup.is_fresh(request, now),
                also_existing=form.cleaned_data["also_existing"],
                now=now,
            )
        except stepup.StepUpRequired:
            kept = {"of": str(cameo.public_id), "words": request.POST.urlencode(), "at": now.isoformat()}
            request.session[DRAFT] = kept
            return redirect(f"/step-up?next={quote(request.get_full_path())}")
        except TermsRefused as refusal:
            form.add_error(refusal.field, f"{refusal.message} {refusal.hint}".strip())
        else:
            request.session.pop(DRAFT, None)
            messages.success(request, _saved(saved.effective_at > now))
            return _back(cameo)
    shown = {
        "form": form,
        "cameo": cameo,
        "existing_count": queries.existing_count(cameo),
        "is_fresh": stepup.is_fresh(request, now),
        "audiences": wording.AUDIENCES if cameo.is_person else wording.AUDIENCES_DRAWN,
        "never_open_to": Audience.EVERYONE if is_teen(request.user, now) else "",
        "purposes": wording.PURPOSES if cameo.is_person else wording.PURPOSES_DRAWN,
        "company": wording.COMPANY if cameo.is_person else wording.COMPANY_DRAWN,
        "is_draft": request.method == "GET" and bool(draft),
        "preview": _preview(form, cameo, now),
    }
    return render(request, "cameos/grant.html", shown, status=400 if form.errors else 200)


@require_POST
@login_required
def grant_preview(request: SignedInRequest) -> HttpResponse:
    """What the answers in the editor would mean, as a piece of its page. Saves nothing."""
    cameo = access.cameo_of(request.user, request.GET.get("of"))
    form = GrantForm(request.POST, owner=request.user, drawn=not cameo.is_person)
    return render(
        request, "cameos/_preview.html", {"preview": _preview(form, cameo, timezone.now()), "cameo": cameo}
    )


def _preview(form: GrantForm, cameo: Cameo, now: datetime) -> preview.Preview | None:
    """None where the answers make no terms yet."""
    checked = form if form.is_bound else GrantForm(form.initial, owner=cameo.owner)
    try:
        return preview.of(cameo, checked.terms(), now) if checked.is_valid() else None
    except TermsRefused:
        return None


@require_POST
@login_required
def name_person(request: SignedInRequest) -> HttpResponse:
    """One more person may cast me, from the owner's page or from that person's."""
    cameo, now = access.cameo_of(request.user, request.POST.get("of")), timezone.now()
    handle = request.POST.get("handle", "").strip().lstrip("@")
    try:
        person = people.person_for(request.user, handle)
        saved = actions.name_person(
            cameo=cameo,
            owner=request.user,
            person=person,
            stepped_up=stepup.is_fresh(request, now),
            now=now,
        )
    except stepup.StepUpRequired:
        here = f"/likeness?{urlencode({'of': cameo.public_id, 'name': handle})}"
        return redirect(f"/step-up?{urlencode({'next': here})}")
    except Http404:
        messages.error(request, _("Nobody here is called “%(handle)s”.") % {"handle": handle[:60]})
    except TermsRefused as refusal:
        messages.error(request, f"{refusal.message} {refusal.hint}".strip())
    else:
        messages.success(request, _named(person.name, cameo, saved.effective_at > now))
    return _back(cameo)


@require_POST
@login_required
def drop_person(request: SignedInRequest) -> HttpResponse:
    cameo = access.cameo_of(request.user, request.POST.get("of"))
    person = people.person_to_avoid(request.user, request.POST.get("handle", ""))
    also = request.POST.get("also_existing") == "on"
    actions.drop_person(
        cameo=cameo, owner=request.user, person=person, also_existing=also, now=timezone.now()
    )
    told = _("%(name)s can no longer cast you.") if cameo.is_person else _("%(name)s can no longer cast it.")
    messages.success(request, told % {"name": person.name})
    return _back(cameo)


@require_GET
@login_required
def use(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """One clip with me in it, as long as nobody in it took it back, and what I can do about it."""
    found = access.use_for(request.user, public_id)
    gone = found.is_ended or found.clip.is_gone
    renditions = {} if gone else {r.kind: r for r in found.clip.renditions.all()}
    shown = {
        "use": found,
        "renditions": renditions,
        "entry": queries.entry_of(found),
        "is_public": queries.is_public(found, timezone.now()),
    }
    return render(request, "cameos/use.html", shown)


@require_POST
@login_required
def approve(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    found = access.use_for(request.user, public_id)
    uses.approve(use=found, owner=request.user, now=timezone.now())
    messages.success(request, _("Approved. %(maker)s can publish it.") % {"maker": found.clip.maker.name})
    return redirect("cameos:use", public_id=public_id)


@require_POST
@login_required
def decline(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    found = access.use_for(request.user, public_id)
    uses.decline(use=found, owner=request.user, now=timezone.now())
    messages.success(request, _("Declined. The clip is gone for everybody, its maker included."))
    return _back(found.cameo)


@require_POST
@login_required
def hide_use(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """For now only its maker and the people in it see it."""
    uses.hide(use=access.use_for(request.user, public_id), owner=request.user, now=timezone.now())
    messages.success(
        request, _("Hidden. Only its maker and the people in it see it until you show it again.")
    )
    return redirect("cameos:use", public_id=public_id)


@require_POST
@login_required
def show_use(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    uses.show(use=access.use_for(request.user, public_id), owner=request.user, now=timezone.now())
    messages.success(request, _("Shown again, to whoever it was shown to before."))
    return redirect("cameos:use", public_id=public_id)


@require_GET
@login_required
def friends(request: SignedInRequest) -> HttpResponse:
    """Whom I may cast, each one tap from the composer."""
    others = [c for c in queries.castable(request.user, timezone.now()) if c.owner_id != request.user.pk]
    return render(request, "cameos/friends.html", {"others": others})


@require_GET
@login_required
def history(request: SignedInRequest) -> HttpResponse:
    """Every version of the grant, in sentences."""
    cameo = access.cameo_of(request.user, request.GET.get("of"))
    shown = {"cameo": cameo, "versions": queries.versions(cameo, timezone.now())}
    return render(request, "cameos/history.html", shown)


@require_GET
@login_required
def ending(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """What one act reached: each clip, whose it was, and whether its files are gone."""
    found = access.ending_for(request.user, public_id)
    reached = queries.reached(found, timezone.now())
    page = pagination.newest_first(reached, before=request.GET.get("before"), size=100)
    return render(request, "cameos/ending.html", {"ending": found, "cameo": found.cameo, "page": page})


@require_POST
@login_required
def delete_use(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    found = access.use_for(request.user, public_id)
    ending = revocation.delete_use(use=found, owner=request.user, now=timezone.now())
    messages.success(request, _gone(ending.use_count))
    return _back(found.cameo)


@require_http_methods(["GET", "POST"])
@login_required
def revoke(request: SignedInRequest) -> HttpResponse:
    """Take everything back at once. The page says what goes; the button does it."""
    cameo = access.cameo_of(request.user, request.POST.get("of") or request.GET.get("of"))
    if request.method == "GET":
        return render(request, "cameos/revoke.html", {"cameo": cameo, "count": queries.existing_count(cameo)})
    revocation.revoke(cameo=cameo, owner=request.user, now=timezone.now())
    told = _("Everything is taken back. From now on nobody is shown a clip of others with you.")
    if not cameo.is_person:
        told = _("Everything is taken back. From now on nobody is shown a clip of others with it.")
    messages.success(request, told)
    return _back(cameo)


@require_POST
@login_required
def freeze(request: SignedInRequest) -> HttpResponse:
    """One tap, no step-up."""
    cameo = access.cameo_of(request.user, request.POST.get("of"))
    revocation.freeze(cameo=cameo, owner=request.user, now=timezone.now())
    told = _("Frozen. No clip with you is shown, and none can be made.")
    if not cameo.is_person:
        told = _("Frozen. No clip with it is shown, and none can be made.")
    messages.success(request, told)
    return _back(cameo)


@require_http_methods(["GET", "POST"])
@login_required
def freeze_request(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Ask for a freeze of somebody who cannot do it themselves; a moderator decides."""
    cameo = access.castable_for(request.user, public_id)
    form = FreezeRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        freeze_requests.ask(cameo=cameo, asker=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Asked. A moderator looks at it and may write to you."))
        return redirect(f"/u/{cameo.owner.username}")
    shown = {"form": form, "cameo": cameo}
    return render(request, "cameos/freeze_request.html", shown, status=400 if form.errors else 200)


@require_POST
@login_required
def unfreeze(request: SignedInRequest) -> HttpResponse:
    stepup.require(request)
    cameo = access.cameo_of(request.user, request.POST.get("of"))
    revocation.unfreeze(cameo=cameo, owner=request.user, now=timezone.now())
    told = _("Your likeness can be used again, by whom your grant covers.")
    if not cameo.is_person:
        told = _("It can be used again, by whom your grant covers.")
    messages.success(request, told)
    return _back(cameo)


@require_http_methods(["GET", "POST"])
@login_required
def erase(request: SignedInRequest) -> HttpResponse:
    """Erase the likeness; needs a fresh proof, since nothing brings it back. Answers with the receipt."""
    cameo = access.cameo_of(request.user, request.POST.get("of") or request.GET.get("of"))
    if request.method == "GET":
        return render(request, "cameos/erase.html", {"cameo": cameo, "is_fresh": _is_fresh(request)})
    stepup.require(request)
    file = ledger.export(cameo)
    receipt = revocation.erase(cameo=cameo, owner=request.user, now=timezone.now())
    return render(
        request, "cameos/erased.html", {"receipt": receipt, "ledger": file.decode(), "cameo": cameo}
    )


@require_GET
@login_required
def ledger_page(request: SignedInRequest) -> HttpResponse:
    """The readable ledger, newest first."""
    cameo = access.cameo_of(request.user, request.GET.get("of"))
    page = pagination.newest_first(queries.entries_of(cameo), before=request.GET.get("before"))
    lines = zip(page.items, ledger_lines.of(page.items), strict=True)
    return render(request, "cameos/ledger.html", {"cameo": cameo, "page": page, "lines": lines})


@require_GET
@login_required
def ledger_file(request: SignedInRequest) -> HttpResponse:
    """The whole ledger as one file, to be checked offline."""
    cameo = access.cameo_of(request.user, request.GET.get("of"))
    name = "likeness-ledger.json"  # as the page of the ledger says
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(ledger.export(cameo), content_type="application/json", headers=headers)


@require_GET
def heads(request: HttpRequest) -> HttpResponse:
    """This host's keys and daily heads, for anybody to keep. They say nothing about anybody."""
    return JsonResponse(ledger.published_heads(), json_dumps_params={"ensure_ascii": False})


def _draft_of(request: SignedInRequest, cameo: Cameo, now: datetime) -> str:
    """What was filled in about this likeness before the detour over step-up; empty where nothing was, where
    it is old, and where the owner asks for what counts (`?anew=1`)."""
    kept = request.session.get(DRAFT)
    if not isinstance(kept, dict) or kept["of"] != str(cameo.public_id):
        return ""
    is_old = now - datetime.fromisoformat(kept["at"]) > DRAFT_KEPT
    if is_old or request.GET.get("anew"):
        del request.session[DRAFT]
        return ""
    return str(kept["words"])


def _grant_form(request: SignedInRequest, cameo: Cameo, draft: str) -> GrantForm:
    if request.method == "POST":
        return GrantForm(request.POST, owner=request.user, drawn=not cameo.is_person)
    if draft:
        return GrantForm(QueryDict(draft), owner=request.user, drawn=not cameo.is_person)
    in_force = consent.in_force(cameo, timezone.now())
    first = initial_of(the_terms.of(in_force) if in_force else the_terms.FIRST, request.user)
    return GrantForm(initial=first, owner=request.user, drawn=not cameo.is_person)


def _is_fresh(request: SignedInRequest) -> bool:
    return stepup.is_fresh(request, timezone.now())


def _back(cameo: Cameo) -> HttpResponse:
    of = f"?of={cameo.public_id}" if not cameo.is_person else ""
    return redirect(f"/likeness{of}")


def _saved(waits: bool) -> str:
    if waits:
        return _(
            "Saved. What you opened takes effect in 24 hours; what you closed is closed now. You got a mail."
        )
    return _("Saved. It is in effect now.")


def _named(name: str, cameo: Cameo, waits: bool) -> str:
    if waits:
        told = _("%(name)s may cast you from tomorrow on: three people a day are let in at once.")
        if not cameo.is_person:
            told = _("%(name)s may cast it from tomorrow on: three people a day are let in at once.")
    else:
        told = _("%(name)s may cast you now. You got a mail about it.")
        if not cameo.is_person:
            told = _("%(name)s may cast it now. You got a mail about it.")
    return told % {"name": name}


def _gone(count: int) -> str:
    return ngettext(
        "Taken down: %(count)d clip is shown to nobody any more.",
        "Taken down, with what was made from it: %(count)d clips are shown to nobody any more.",
        count,
    ) % {"count": count}
