"""Versions of rules and their verdicts over a snapshot."""
