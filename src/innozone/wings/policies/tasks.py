"""What the worker does for policies."""

from innozone.foundation import jobs


@jobs.task("policies.match", lock="policies.match")
def match() -> None:
    """Holds all enterprises against all rules and tells those who are newly entitled."""
    from innozone.wings.policies import matching

    matching.run()


@jobs.task("policies.follow", lock="policies.follow", every="20 * * * *")
def tell_followers() -> None:
    """Tells followers what became of what they follow; at each news, and every hour for what was missed."""
    from innozone.wings.policies import following

    following.tell()


@jobs.task("policies.deadlines", lock="policies.match", every="10 * * * *")
def deadlines() -> None:
    """Tells those who could claim an item that it closes soon; every hour, so that a day without a worker is made up."""
    from innozone.wings.policies import matching

    matching.tell_deadlines()
