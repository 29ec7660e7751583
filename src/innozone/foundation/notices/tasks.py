"""What the worker does for notices."""

from innozone.foundation import jobs


@jobs.task("notices.post", lock="notices.post", queue="post", every="* * * * *")
def post() -> None:
    """Sends what is due by mail and webhook; every minute, for retries, digests and the end of quiet hours."""
    from innozone.foundation.notices import post as office

    office.post_due()
