"""API tokens: whose key is this."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from innozone.foundation.access.models import ApiToken, User

# The time of last use is for people who tidy up: once a minute is exact enough and spares a write per call.
_USE_RECORDED_EVERY = timedelta(minutes=1)


def user_of(secret: str) -> User | None:
    """The user whose token this is; None when it is unknown, revoked, past its day, or the account is closed."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=ApiToken.digest_of(secret), revoked_at__isnull=True, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    ApiToken.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USE_RECORDED_EVERY), pk=token.pk
    ).update(last_used_at=now)
    return token.user


def revoke(token: ApiToken) -> None:
    """Ends the token at once; it stays in the list with the day it ended."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
