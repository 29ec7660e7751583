"""Addresses of accounts, tokens, members, language and theme."""

from django.urls import path

from innozone.foundation.access import views

app_name = "access"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/tokens/", views.tokens, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path("members/", views.members, name="members"),
    path("members/<int:pk>/revoke/", views.revoke_member, name="revoke_member"),
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
]
