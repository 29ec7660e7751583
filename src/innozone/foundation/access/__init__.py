"""Accounts, memberships and roles, the one gate, API tokens, audit trail."""
