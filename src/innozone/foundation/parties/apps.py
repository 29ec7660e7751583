from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "innozone.foundation.parties"
    label = "parties"
