"""The wings: one app per domain of the plan, a room per system, built from foundation parts."""
