"""What the worker does for policies."""

from innozone.foundation import jobs


@jobs.task("policies.match", lock="policies.match")
def match() -> None:
    """Holds all enterprises against all rules and tells those who are newly entitled."""
    from innozone.wings.policies import matching

    matching.run()


@jobs.task("policies.deadlines", lock="policies.match", every="10 * * * *")
def deadlines() -> None:
    """Tells those who could claim an item that it closes soon; every hour, so that a day without a worker is made up."""
    from innozone.wings.policies import matching

    matching.tell_deadlines()


@jobs.task("policies.propose", lock="policies.propose")
def propose(policy: int) -> None:
    """Asks the language model for the clauses of a policy that wait for it."""
    from innozone.wings.policies import proposals

    proposals.ask_model(policy)
