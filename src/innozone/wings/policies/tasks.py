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


@jobs.task("policies.sources", every="*/5 * * * *")
def sources() -> None:
    """Has every source looked at whose time has come."""
    from innozone.wings.policies import sources as places

    for source in places.due():
        jobs.enqueue(look, source=source.pk)


@jobs.task("policies.look", lock="policies.look")
def look(source: int) -> None:
    """Looks at one source; one at a time, so that no host is asked by two workers."""
    from innozone.wings.policies import sources as places
    from innozone.wings.policies.models import Source

    found = Source.objects.filter(pk=source).first()
    if found is not None:
        places.look(found)


@jobs.task("policies.propose", lock="policies.propose")
def propose(policy: int) -> None:
    """Asks the language model for the clauses of a policy that wait for it."""
    from innozone.wings.policies import proposals

    proposals.ask_model(policy)
