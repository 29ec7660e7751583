from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "innozone.portal"
    label = "portal"
