"""Innozone: the service platform of an innovation zone."""
