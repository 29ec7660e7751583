from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "innozone.wings.policies"
    label = "policies"
