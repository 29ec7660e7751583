"""Targets of the plan."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Target(models.Model):
    """A target of the plan. `actual` names how its figure is counted, so that it opens to what it is made of."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    section = models.CharField(_("section"), max_length=40)
    indicator = models.CharField(_("indicator"), max_length=200)
    indicator_en = models.CharField(_("English indicator"), max_length=200, blank=True)
    value = models.DecimalField(_("target"), max_digits=20, decimal_places=4, null=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    deadline = models.PositiveSmallIntegerField(_("by"))
    actual = models.JSONField(_("counted by"), null=True)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.indicator
