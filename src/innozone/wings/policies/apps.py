from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "innozone.wings.policies"
    label = "policies"

    def ready(self) -> None:
        from innozone.wings.policies import signals

        signals.listen()
