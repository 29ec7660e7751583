"""Answers of the policy workbench over HTTP, against a running zone.

    ./innozone up --port 8000 --data DIR --firms 5000          (prints the password)
    WORKBENCH_PASSWORD=… python -m bench.workbench --url http://127.0.0.1:8000 [--limit 0.3] [--json]

Asks as one who edits, each question --times times after one that warms up: the page of a policy, one leaf checked, words
completed, an item counted as the form stands with its threshold moved each time (so that no answer is kept from before),
the list of enterprises behind a state. The run fails when an answer is not 200 or a 95th percentile exceeds --limit seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

import numpy as np
import requests
from lxml import html

#: A condition that is moved from step to step.
MOVED = "revenue[-1] >= {}万"


def main() -> int:
    parser = argparse.ArgumentParser(description="Answers of the policy workbench over HTTP.")
    parser.add_argument("--url", required=True)
    parser.add_argument("--login", default="admin", help="someone who edits policies and may list enterprises")
    parser.add_argument("--policy", help="code of the policy; without it, the first of the workbench")
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--limit", type=float, default=0.3, help="seconds that 95 of 100 answers may take")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    password = os.environ.get("WORKBENCH_PASSWORD")
    if not password:
        parser.error("set WORKBENCH_PASSWORD to the password that `innozone up` printed")
    asker = _Asker(options.url.rstrip("/"), options.login, password)
    address = f"/workbench/{options.policy}/" if options.policy else asker.first_policy()
    form = asker.form(address)
    leaf = next((name[:-5] for name in form if name.startswith("i0-l") and name.endswith("-text")), None)
    if leaf is None:
        print(f"{address}: its first item has no condition; name another policy by --policy", file=sys.stderr)
        return 2

    def moved(at: int) -> dict[str, str]:
        return {**form, f"{leaf}-kind": "test", f"{leaf}-text": MOVED.format(100 + at)}

    preview = f"{address}preview/i0/"
    asked = {
        "page": lambda at: asker.get(address),
        "check": lambda at: asker.post(f"/workbench/check/?leaf={leaf}", moved(at)),
        "words": lambda at: asker.get("/workbench/words/?q=营业"),
        "count": lambda at: asker.post(preview, moved(at)),
        "list": lambda at: asker.post(f"{preview}?who=not", moved(at)),
    }
    # A policy editor sees the figures and no enterprises; a list that does not come must not pass for a quick one.
    if 'class="rows rows-dense who"' not in asker.post(f"{preview}?who=not", moved(0)).text:
        print(f"{options.login} gets no list of enterprises: sign in as one who may, by --login", file=sys.stderr)
        return 2
    found: dict[str, Any] = {"policy": address, "times": options.times, "answers": {}}
    failures = []
    for name, ask in asked.items():
        ask(options.times)
        taken = [_timed(ask, at) for at in range(options.times)]
        median, most = (float(np.percentile(taken, share)) for share in (50, 95))
        found["answers"][name] = {"median": median, "p95": most}
        if most > options.limit:
            failures.append(f"{name}: {most * 1000:.0f} ms, more than {options.limit * 1000:g} ms")
    found["failures"] = failures
    print(json.dumps(found) if options.json else _table(found))
    return 1 if failures else 0


class _Asker:
    """A session signed in through the form."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.url, self.session = url, requests.Session()
        self.get("/accounts/login/")
        answer = self.post("/accounts/login/", {"login": login, "password": password})
        if answer.url.rstrip("/").endswith("/accounts/login"):
            raise SystemExit(f"{login} cannot sign in at {url}: check the name and WORKBENCH_PASSWORD")

    def get(self, path: str) -> requests.Response:
        answer = self.session.get(self.url + path, timeout=60)
        answer.raise_for_status()
        return answer

    def post(self, path: str, data: dict[str, str]) -> requests.Response:
        token = next((cookie.value for cookie in self.session.cookies if "csrf" in cookie.name), None) or ""
        headers = {"X-CSRFToken": token, "Referer": self.url}
        answer = self.session.post(self.url + path, data=data, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer

    def first_policy(self) -> str:
        links = html.fromstring(self.get("/workbench/").text).xpath("//main//a/@href")
        found = next((link for link in links if link.startswith("/workbench/") and link.count("/") == 3), None)
        if found is None:
            raise SystemExit("the workbench lists no policy: put one in, or name it by --policy")
        return str(found)

    def form(self, address: str) -> dict[str, str]:
        fields = html.fromstring(self.get(address).text).get_element_by_id("bench").form_values()
        return {name: value for name, value in fields if not name.endswith("-drop")}


def _timed(ask: Any, at: int) -> float:
    started = time.perf_counter()
    ask(at)
    return time.perf_counter() - started


def _table(found: dict[str, Any]) -> str:
    lines = [f"{found['policy']}, {found['times']} times each", f"{'answer':10}{'median ms':>11}{'p95 ms':>9}"]
    for name, each in found["answers"].items():
        lines.append(f"{name:10}{each['median'] * 1000:11.0f}{each['p95'] * 1000:9.0f}")
    return "\n".join([*lines, *found["failures"]])


if __name__ == "__main__":
    sys.exit(main())
