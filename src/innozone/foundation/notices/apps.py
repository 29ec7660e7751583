from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "innozone.foundation.notices"
    label = "notices"
