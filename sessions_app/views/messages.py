"""The chat: post, edit, delete, and older pages."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from sessions_app.models import Message
from sessions_app.panels import chat, common
from sessions_app.services import messages
from sessions_app.services.errors import Invalid, NotFound
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import changed, look


@require_http_methods(["GET", "POST"])
def message_list(request: ProjectRequest, project_id: UUID) -> HttpResponseBase:
    """GET the page before a message, POST a new one."""
    view = message_post if request.method == "POST" else message_page
    return view(request, project_id=project_id)


@writes()
def message_post(request: ProjectRequest) -> HttpResponse:
    message = messages.post_message(
        request.membership.project_id, request.actor, text=request.POST.get("text", ""), is_live=True
    )
    return changed(request, "Said.", f"message-{message.id}")


@reads
def message_page(request: ProjectRequest) -> HttpResponse:
    """The page before a message (`before`), the one that ends with it (`at`), or the newest."""
    at, before = _named_message(request, "at"), _named_message(request, "before")
    view = look(request)
    htmx = request.headers.get("HX-Request") == "true"
    context = common(view) | {"chat": chat.page_up_to(view, at) if at else chat.page(view, before)}
    return render(request, "messages/_page.html" if htmx else "messages/page.html", context)


def _named_message(request: ProjectRequest, field: str) -> Message | None:
    text = request.GET.get(field, "")
    if not text:
        return None
    try:
        message_id = UUID(text)
    except ValueError as bad:
        raise Invalid(field, "must be a message's id.") from bad
    message = Message.objects.filter(project_id=request.membership.project_id, id=message_id).first()
    if message is None:
        raise NotFound("This message is not there any more.")
    return message


@require_http_methods(["GET", "POST"])
@writes()
def message_edit(request: ProjectRequest, message_id: UUID) -> HttpResponse:
    project_id, errors = request.membership.project_id, {}
    message = messages.own_message(project_id, request.actor, message_id)
    if request.method == "POST":
        try:
            messages.edit_message(project_id, request.actor, message_id, text=request.POST.get("text", ""))
        except Invalid as bad:
            errors[bad.field] = bad.rule
        else:
            return changed(request, "Message changed.", leads_to=chat.address(message))
    context = {
        "me": request.user,
        "membership": request.membership,
        "project": request.membership.project,
        "address": chat.address(message),
        "text": request.POST.get("text", message.text),
        "errors": errors,
    }
    return render(request, "messages/edit.html", context, status=422 if errors else 200)


@require_POST
@writes()
def message_delete(request: ProjectRequest, message_id: UUID) -> HttpResponse:
    messages.delete_message(request.membership.project_id, request.actor, message_id)
    return changed(request, "Message deleted.", "chat")
