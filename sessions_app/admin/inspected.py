"""What every admin page has in common: it is read, it opens fast, it takes any address, it is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from sessions_app.admin import shown
from sessions_app.admin.filters import with_address
from sessions_app.admin.lists import PLACE, PlacedList
from sessions_app.admin.rights import may_view
from sessions_app.models import User
from sessions_app.services import audit
from sessions_app.services.errors import ServiceError

_SEARCHES = {"project": "project", "user": "person"}


class Careful(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list of places, a search that an index answers, and a note of each row that is opened."""

    list_per_page = 25
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    # Not by a join: under row security each joined table would be planned for ten projects, too.
    list_select_related = ()
    related: ClassVar[tuple[str, ...]] = ("project",)
    # How rows are ordered, all columns in one direction; and in one project, where an index has that order.
    order: ClassVar[tuple[str, ...]] = ("-id",)
    order_in_project: ClassVar[tuple[str, ...] | None] = None
    order_is_indexed: ClassVar[bool] = True
    # Columns a search looks an id up in. That there is a field to search in is what Django asks this for.
    finds: ClassVar[tuple[str, ...]] = ("id", "project")
    search_fields = ("pk",)
    # Columns that tell of other rows than this one: shown to whoever may look at those kinds, too.
    told_from: ClassVar[Mapping[str, tuple[type[Model], ...]]] = {}
    # Of list_filter only classes are used, which have names of their own.
    list_filter: ClassVar[Any] = ()

    def get_changelist(self, request: HttpRequest, **options: object) -> type[ChangeList]:
        return PlacedList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related(*self.related)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the page offers: any other lookup could read a hash letter by letter, or take minutes."""
        return lookup == PLACE or lookup in {offered.parameter_name for offered in self.list_filter}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        meant = self.meant_by(term)
        if "@" in term and self._finds_addresses(request):
            meant |= Q(user__in=with_address(term).filter(address=term.lower()))
        return queryset.filter(meant), False

    def meant_by(self, term: str) -> Q:
        """The rows a search means beside those of a person's e-mail; a term that is no id means none."""
        meant = Q(pk__in=[])
        for name in self.finds:
            field: Any = self.opts.get_field(name)
            while field.remote_field:
                field = field.target_field
            try:
                meant |= Q(**{name: field.to_python(term)})
            except ValidationError:
                continue
        return meant

    def may_tell(self, request: HttpRequest, column: Any, row: Any = None) -> bool:  # noqa: ANN401
        """Whether whoever asks sees this column; `column` is its name, or what draws it."""
        return may_view(request, *self.told_from.get(column, ()))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [column for column in super().get_list_display(request) if self.may_tell(request, column)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ANN401
        """Those with a column that whoever asks may see, and of these only such columns."""
        told = [
            (
                title,
                options
                | {"fields": [name for name in options["fields"] if self.may_tell(request, name, obj)]},
            )
            for title, options in super().get_fieldsets(request, obj)
        ]
        return [fieldset for fieldset in told if fieldset[1]["fields"]]

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What was done to a row, and by whom of the staff: a part of the log."""
        if not may_view(request, LogEntry):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:  # noqa: ANN401
        return audit.note_edit(staff_of(request), obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:  # noqa: ANN401
        return audit.note_edit(staff_of(request), obj, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[LogEntry]:
        return [audit.note_edit(staff_of(request), row, DELETION, "Deleted.") for row in queryset]

    def response_action(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        *more: Any,  # noqa: ANN401 -- the next Django says where on the page
        **named: Any,  # noqa: ANN401
    ) -> HttpResponse | None:
        """Act on the rows of a page that were chosen; ids that are none are refused, and "all" is, too."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if request.POST.get("select_across", "0") not in ("", "0") or len(chosen) > self.list_per_page:
            self.message_user(request, "Choose the rows of one page, one by one.", messages.ERROR)
            return None
        try:
            for text in chosen:
                self.opts.pk.to_python(text)
        except ValidationError:
            self.message_user(request, "One of these rows has no id that could be one.", messages.ERROR)
            return None
        return super().response_action(request, queryset, *more, **named)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,  # noqa: ANN401 -- a row of whatever is inspected
    ) -> HttpResponse:
        if obj is not None:
            context |= {"subtitle": _title_of(obj), "has_history": may_view(request, LogEntry)}
            if request.method == "GET":
                audit.note_viewed(staff_of(request), obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever may change rows of this kind may act on them; whoever may only view them may not."""
        right = get_permission_codename("change", self.opts)
        return staff_of(request).has_perm(f"{self.opts.app_label}.{right}")

    def act_on(
        self, request: HttpRequest, rows: Iterable[Model], verb: Callable[[Any], str], *, none: str
    ) -> None:
        """Do a verb to each row, each for itself, and tell and note what came of it.

        `verb` calls a service and returns what was done, or "" when there was nothing to do, which `none`
        says. What a service refuses is told, and the other rows go on.
        """
        done = 0
        for row in rows:
            try:
                with transaction.atomic():
                    what = verb(row)
                    if what:
                        audit.note_act(staff_of(request), row, what)
                        done += 1
            except ServiceError as refused:
                self.message_user(request, f"{audit.named(row)}: {refused}", messages.ERROR)
        level = messages.SUCCESS if done else messages.WARNING
        self.message_user(request, f"Done: {done}." if done else none, level)

    def what_is_searched(self, request: HttpRequest) -> str:
        """What the page says beside its search."""
        ids = [_SEARCHES.get(name, str(self.opts.verbose_name)) for name in self.finds]
        mail = "; or the whole e-mail of the person" if self._finds_addresses(request) else ""
        return f"The whole id of the {' or '.join(ids)}{mail}."

    def _finds_addresses(self, request: HttpRequest) -> bool:
        return "user" in self.finds and may_view(request, User)


class Inspected(Careful):
    """Rows to look at: no adding, changing or deleting behind the services' back."""

    # What no page shows, whoever asks.
    secrets: ClassVar[tuple[str, ...]] = ()
    # Columns of a detail page beside the fields of the row: names of methods.
    extras: ClassVar[tuple[str, ...]] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ANN401
        fields = [
            shown.shown_field(field) for field in self.opts.concrete_fields if field.name not in self.secrets
        ]
        return [*self.extras, *fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ANN401
        if not self.fieldsets:
            return self.get_fields(request, obj)
        return [name for _, options in self.fieldsets for name in options["fields"]]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False


def staff_of(request: HttpRequest) -> User:
    """Whoever is signed in here: the admin lets nobody else get so far."""
    assert isinstance(request.user, User)
    return request.user


def _title_of(row: Model) -> str:
    """A row by the name it has, or else by what it is and its id."""
    return audit.named(row) if type(row).__str__ is Model.__str__ else str(row)
