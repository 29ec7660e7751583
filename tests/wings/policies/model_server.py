"""A server on this machine that speaks chat completions as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any


def said(content: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


def proposal(expression: str | None, quote: str) -> bytes:
    return said(json.dumps({"expression": expression, "quote": quote}, ensure_ascii=False))


@contextmanager
def serving(answer: Callable[[str, dict], Any]) -> Iterator[SimpleNamespace]:
    """`answer(clause, request)` gives bytes (200), (status, bytes), or writes itself when it gives a function."""
    calls: list[SimpleNamespace] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            calls.append(SimpleNamespace(path=self.path, headers=dict(self.headers), body=body))
            made = answer(json.loads(body["messages"][1]["content"])["clause"], body)
            status, content = made if isinstance(made, tuple) else (200, made)
            try:
                self.send_response(status)
                if callable(content):
                    self.end_headers()
                    content(self.wfile)
                    return
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}/v1", calls=calls)
    finally:
        server.shutdown()
        server.server_close()
