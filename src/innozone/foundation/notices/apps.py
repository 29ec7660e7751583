from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "innozone.foundation.notices"
    label = "notices"

    def ready(self) -> None:
        from innozone.foundation.notices import signals

        signals.listen()
