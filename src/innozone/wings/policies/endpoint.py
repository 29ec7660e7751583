"""One call to the language model that the operator has set up: chat completions, as OpenAI and many servers speak it.

The address is the operator's own and may be local, so it is called as it is; what comes back is trusted in nothing.
Redirects and proxies are not followed, nothing that is sent or answered is logged.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import threading
import time
from typing import Any

from django.conf import settings

from innozone.foundation import outside
from innozone.kernel.reading import proposals

#: Bytes of an answer that are read; what is longer is no answer to our question.
MOST_BYTES = 256 * 1024
MOST_TOKENS = 400
#: Servers that do not know `response_format` say so with one of these.
_NOT_UNDERSTOOD = (400, 404, 415, 422, 501)


class CallFailed(Exception):
    """The model gave no answer. reason: a word of proposals.REASONS; `over`: asking further makes no sense now."""

    def __init__(self, reason: str, detail: str = "", over: bool = True) -> None:
        self.reason, self.detail, self.over = reason, detail, over
        super().__init__(f"{reason} {detail}".strip())


def configured() -> bool:
    """True when the operator has named an endpoint and its model."""
    return bool(settings.MODEL_URL and settings.MODEL_NAME)


class Endpoint:
    """The endpoint through one job: it remembers whether the server knows `response_format`. calls: made so far."""

    def __init__(self) -> None:
        self.formats = True
        self.calls = 0

    def ask(self, messages: list[dict[str, str]]) -> str:
        """The text of the answer. Raises CallFailed."""
        until = time.monotonic() + settings.MODEL_SECONDS
        status, body = self._post(messages, until)
        if self.formats and status in _NOT_UNDERSTOOD:
            self.formats = False
            status, body = self._post(messages, until)
        if status != 200:
            raise CallFailed("busy" if status == 429 else "status", f"HTTP {status}")
        try:
            content = json.loads(body)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError):
            raise CallFailed("protocol", over=False) from None
        if not isinstance(content, str):
            raise CallFailed("protocol", over=False)
        return content

    def _post(self, messages: list[dict[str, str]], until: float) -> tuple[int, bytes]:
        content: dict[str, Any] = {
            "model": settings.MODEL_NAME,
            "messages": messages,
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
            "stream": False,
        }
        if self.formats:
            schema = {"name": "proposal", "strict": True, "schema": proposals.SCHEMA}
            content["response_format"] = {"type": "json_schema", "json_schema": schema}
        self.calls += 1
        return post(f"{settings.MODEL_URL}/chat/completions", json.dumps(content).encode(), until)


def post(url: str, body: bytes, until: float) -> tuple[int, bytes]:
    """Status and body of one POST that ends by `until` (of time.monotonic). Raises CallFailed."""
    try:
        scheme, host, port, path = outside.parts(url)
    except outside.Refused as error:
        raise CallFailed("address", str(error)) from None
    left = until - time.monotonic()
    if left <= 0:
        raise CallFailed("slow", over=False)
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Innozone"}
    key = os.environ.get("INNOZONE_MODEL_KEY", "").strip()
    if key:
        headers["Authorization"] = f"Bearer {key}"
    connection = http.client.HTTPConnection(host, port, timeout=left)
    if scheme == "https":
        connection = http.client.HTTPSConnection(host, port, timeout=left, context=ssl.create_default_context())

    def cut() -> None:
        # A server that sends a byte now and then meets every time limit of the socket, but not this one.
        late.set()
        if connection.sock is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    late = threading.Event()
    clock = threading.Timer(left, cut)
    clock.daemon = True
    clock.start()
    try:
        connection.request("POST", path, body, headers)
        # An answer that ends with its connection takes the socket with it; the clock needs it until the end.
        sock = connection.sock
        answer = connection.getresponse()
        connection.sock = sock
        found = answer.read(MOST_BYTES + 1)
        if late.is_set():
            raise CallFailed("slow", over=False)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise CallFailed("slow", over=False) from None
        # The words of an error of the connection hold no part of what was sent; other errors are named only.
        told = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise CallFailed("connection", told) from None
    finally:
        clock.cancel()
        connection.close()
    if len(found) > MOST_BYTES:
        raise CallFailed("huge", over=False)
    return answer.status, found
