"""The foundation: one app per stateful mechanism. None knows a wing."""
