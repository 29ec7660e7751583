from django.apps import AppConfig


class VerdictsConfig(AppConfig):
    name = "innozone.foundation.verdicts"
    label = "verdicts"
