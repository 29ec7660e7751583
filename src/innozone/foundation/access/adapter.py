"""Sign-in rules: accounts are opened by an administrator or the zone's identity provider, not by passers-by."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Closes open registration: whoever speaks for an enterprise is entered as its member."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
