"""Forms of the portal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from innozone.foundation.facts.models import Dataset
from innozone.foundation.notices.models import Notice, Route
from innozone.foundation.notices.routes import RouteRefused
from innozone.wings.policies.models import Source


class ObjectionForm(forms.Form):
    """What is right, and why."""

    claimed = forms.CharField(
        label=_("what is right"), max_length=200, help_text=_("As on the paper: 1200万元, 5%, 2021-03-05, 是.")
    )
    reason = forms.CharField(
        label=_("why"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Name the paper that shows it, such as the audited statement of the year."),
    )


class DecisionForm(forms.Form):
    """An objection is accepted or not, with an answer to the enterprise."""

    accept = forms.TypedChoiceField(
        label=_("decision"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("Accept: the claimed value comes into force")), ("no", _("Do not accept"))],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(label=_("answer"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class DeliveryForm(forms.Form):
    """A file for one of the datasets that the user may deliver."""

    dataset = forms.ModelChoiceField(label=_("dataset"), queryset=Dataset.objects.none(), to_field_name="code")
    file = forms.FileField(label=_("file"), allow_empty_file=True)

    def __init__(self, datasets: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dataset"].queryset = datasets

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.DELIVERY_MAX_BYTES:
            most = filesizeformat(settings.DELIVERY_MAX_BYTES)
            raise forms.ValidationError(
                _t("The file is larger than %(most)s: split it, or have it taken in from the folder.") % {"most": most}
            )
        return file


class PaperForm(forms.Form):
    """A policy to be read: a file or its text."""

    file = forms.FileField(label=_("file"), required=False, help_text=_("docx, pdf, html or txt"))
    text = forms.CharField(
        label=_("or its text"), required=False, max_length=500_000, widget=forms.Textarea(attrs={"rows": 12})
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("file") and values["file"].size > settings.POLICY_MAX_BYTES:
            most = filesizeformat(settings.POLICY_MAX_BYTES)
            self.add_error("file", _t("The file is larger than %(most)s.") % {"most": most})
        elif bool(values.get("file")) == bool((values.get("text") or "").strip()) and not self.errors:
            raise forms.ValidationError(_t("Give a file or a text, one of the two."))
        return values


class SourceForm(forms.ModelForm):
    """Where texts come from. The model says which addresses a kind takes."""

    address = forms.CharField(
        label=_("address"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Feed: its address. Pages: their addresses, one a line. Folder: its name in the watched folder."),
    )

    class Meta:
        model = Source
        fields = ["name", "code", "kind", "address", "level", "issuer_name", "every", "active"]
        help_texts = {"code": _("Latin letters, digits and hyphens, such as province-science.")}


class ExchangeForm(forms.Form):
    """Policies of another zone, as one file."""

    file = forms.FileField(
        label=_("file of policies"), help_text=_("yaml, as a policy page of the other zone exports it")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # It stands beside the form of a text on one page.
        super().__init__(*args, auto_id="exchange_%s", **kwargs)


_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
_DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
_WEEKDAYS = list(enumerate(_DAYS))


class RouteForm(forms.Form):
    """What comes by one channel, and when. The application has only the kinds, a webhook an address besides."""

    on = forms.BooleanField(label=_("send by this channel"), required=False)
    url = forms.CharField(
        label=_("address"),
        required=False,
        max_length=500,
        help_text=_("Begins with https:// and is on the public network."),
    )
    kinds = forms.MultipleChoiceField(label=_("kinds of messages"), required=False, widget=forms.CheckboxSelectMultiple)
    digest = forms.ChoiceField(label=_("rhythm"), choices=Route.Digest.choices)
    hour = forms.TypedChoiceField(label=_("hour of the digest"), coerce=int, choices=_HOURS)
    weekday = forms.TypedChoiceField(label=_("day of the weekly digest"), coerce=int, choices=_WEEKDAYS)
    quiet_from = forms.TypedChoiceField(
        label=_("quiet from"), coerce=int, choices=_HOURS, help_text=_("Nothing leaves in the quiet hours.")
    )
    quiet_to = forms.TypedChoiceField(label=_("quiet until"), coerce=int, choices=_HOURS)
    language = forms.ChoiceField(
        label=_("language"), required=False, choices=[("", _("as in the account")), *settings.LANGUAGES]
    )

    def __init__(self, route: Route, data: Any = None) -> None:
        self.route = route
        locked = Notice.UNMUTABLE if route.channel == Route.Channel.APP else ()
        if route.channel == Route.Channel.WEBHOOK:
            locked = (Notice.Kind.WEBHOOK,)
        own = route.party_id is None
        self.offered = [
            (kind.value, kind.label) for kind in Notice.Kind if kind not in locked and (kind in Notice.PERSONAL) == own
        ]
        kept = {name: getattr(route, name) for name in self.base_fields if name != "kinds"}
        kept["kinds"] = [kind for kind, _label in self.offered if kind not in route.muted]
        if route.channel == Route.Channel.WEBHOOK and not route.url:
            # Who gives the first address wants it to be called.
            kept["on"] = True
        super().__init__(data, initial=kept, auto_id=f"{route.channel}-%s")
        self.fields["kinds"].choices = self.offered
        if route.channel == Route.Channel.APP:
            self.fields = {"kinds": self.fields["kinds"]}
        elif route.channel == Route.Channel.MAIL:
            del self.fields["url"]
        if own:
            # There is one kind: whoever wants no mail of it switches the route off.
            del self.fields["kinds"]

    def settings(self) -> dict[str, Any]:
        """What `routes.change` takes."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("kinds", "url")}
        if "kinds" not in self.fields:
            return given
        return given | {"muted": [kind for kind, _label in self.offered if kind not in self.cleaned_data["kinds"]]}

    def refuse(self, refused: RouteRefused) -> None:
        """Puts a refusal at its field."""
        self.add_error(refused.place if refused.place in self.fields else None, str(refused))
