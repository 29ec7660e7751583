from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "innozone.wings.supervision"
    label = "supervision"
