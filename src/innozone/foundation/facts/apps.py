from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "innozone.foundation.facts"
    label = "facts"
