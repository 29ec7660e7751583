"""What the worker does for policies."""

from innozone.foundation import jobs


@jobs.task("policies.match", lock="policies.match")
def match() -> None:
    """Holds all enterprises against all rules and tells those who are newly entitled."""
    from innozone.wings.policies import matching

    matching.run()
