"""Only public addresses are called, whatever a name resolves to."""

import socket

import pytest

from innozone.foundation import outside


def resolving(monkeypatch, *addresses):
    def found(host, port, **more):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "fd00:ec2::254", "no address",
    ],
)  # fmt: skip
def test_no_address_of_ones_own_network_is_called(monkeypatch, address):
    resolving(monkeypatch, address)
    assert not outside.is_public(address)
    with pytest.raises(outside.Refused):
        outside.target("https://hooks.example.com/x")


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    resolving(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(outside.Refused):
        outside.target("https://hooks.example.com/x")


def test_the_address_that_was_checked_is_the_one_to_connect_to(monkeypatch):
    resolving(monkeypatch, "93.184.216.34")
    found = outside.target("https://Hooks.Example.com:8443/x?y=1#z")
    assert found == outside.Target("https", "hooks.example.com", 8443, "93.184.216.34", "/x?y=1")
    assert found.authority == "hooks.example.com:8443"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "https://", "https:///x", "", "example.com",
        "https://user:word@example.com/", "https://example.com:0/", "https://example.com:99999/", "https://exa mple.com/",
        "https://example.com/\r\nX: y", "https://example.com\\@127.0.0.1/", "https://[::1", "https://example.com/路径",
        "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://localhost/", "https://[::1]/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_public_web_is_refused(url):
    with pytest.raises(outside.Refused):
        outside.target(url)


def test_a_host_that_the_operator_trusts_may_be_private_and_plain(settings):
    settings.TRUSTED_HOSTS = ["127.0.0.1:8080"]
    assert outside.target("http://127.0.0.1:8080/x").address == "127.0.0.1"
    with pytest.raises(outside.Refused):
        outside.target("http://127.0.0.1:8081/x")
