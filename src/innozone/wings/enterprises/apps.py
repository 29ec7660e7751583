from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    name = "innozone.wings.enterprises"
    label = "enterprises"
