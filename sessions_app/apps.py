from django.apps import AppConfig
from django.conf import settings


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "Projects and sessions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sessions_app import reactions
        from sessions_app.metrics.instruments import BUILD

        reactions.connect()
        BUILD.labels(settings.RELEASE).set(1)
