"""Ports and the names under which this machine is reached."""

from __future__ import annotations

import socket

import psutil

EVERYWHERE = ("0.0.0.0", "::")


class PortTakenError(RuntimeError):
    """Somebody listens on the port already; the message says how to choose another."""


def claim(host: str, port: int) -> None:
    """Raises PortTakenError when `port` cannot be listened on, before anything long has begun."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(
                f"cannot listen on {host} port {port}: {error.strerror}. Choose another: --port N"
            ) from None


def reachable(host: str) -> str:
    """The address on which a server that listens on `host` answers from this machine, ready for a URL."""
    if host in EVERYWHERE:
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"
    return f"[{host}]" if ":" in host else host


def host_names(host: str) -> list[str]:
    """The Host headers to answer: only this machine's own names when listening everywhere, never just any."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host in EVERYWHERE:
        names += [socket.gethostname(), socket.getfqdn()]
        for addresses in psutil.net_if_addrs().values():
            names += [a.address for a in addresses if a.family == socket.AF_INET]
            names += [f"[{a.address.split('%')[0]}]" for a in addresses if a.family == socket.AF_INET6]
    else:
        names.append(reachable(host))
    return list(dict.fromkeys(names))
