"""Addresses of saved views."""

from django.urls import path

from innozone.foundation.desks import views

app_name = "desks"
urlpatterns = [
    path("views/save/", views.save_view, name="save_view"),
    path("views/<int:pk>/delete/", views.delete_view, name="delete_view"),
]
