from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "innozone.foundation.access"
    label = "access"
