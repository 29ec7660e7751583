"""Organisations of every kind, their names, places."""
