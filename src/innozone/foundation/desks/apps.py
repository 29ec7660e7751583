from django.apps import AppConfig


class DesksConfig(AppConfig):
    name = "innozone.foundation.desks"
    label = "desks"
