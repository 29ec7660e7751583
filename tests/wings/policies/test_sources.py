"""Texts come by themselves: from a watched folder, a feed, a list of pages; each becomes a draft and no more."""

import gzip
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import ValidationError

from innozone.foundation import fetching, jobs, outside
from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies import drafts, sources, tasks
from innozone.wings.policies.models import Arrival, Policy, Source

pytestmark = pytest.mark.django_db
TEXT = """示范新区研发投入补助实施细则
第一条 申报条件：上年度营业收入1000万元以上，研发费用占营业收入比例5%以上。
第二条 对符合条件的企业，给予20万元奖励。
"""
OTHER = TEXT.replace("研发投入", "技术改造").replace("20万元", "30万元")
PAGE = "<!doctype html><html><head><title>{title}</title></head><body><nav>首页 导航</nav><article>{body}</article></body></html>"


def page(text=TEXT):
    lines = text.strip().split("\n")
    return PAGE.format(title=lines[0], body="".join(f"<p>{line}</p>" for line in lines))


class Site:
    """A small web site: path → function of the handler, or (status, headers, content)."""

    def __init__(self):
        self.pages, self.asked = {}, []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append((self.path, dict(self.headers)))
                answer = site.pages.get(self.path, (404, {}, b""))
                if callable(answer):
                    answer(self)
                    return
                status, headers, content = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def url(self, path):
        return f"http://{self.host}{path}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site(settings, monkeypatch):
    """Only because the operator's own settings name it can an address of this machine be reached."""
    made = Site()
    settings.TRUSTED_HOSTS = [made.host]
    settings.FETCH_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(fetching, "PAUSE", 0)
    yield made
    made.close()


@pytest.fixture
def folder(settings, tmp_path):
    made = tmp_path / "watched"
    made.mkdir()
    settings.POLICY_FOLDER = str(made)
    return made


def put(folder, name, content=TEXT, age=3600):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (time.time() - age,) * 2)
    return path


def source(kind, address="", **more):
    made = Source(code=f"s{Source.objects.count()}", name="来源", kind=kind, address=address, level="province", **more)
    made.full_clean()
    made.save()
    return made


def pages(site, *paths):
    return source("pages", "\n".join(site.url(path) for path in paths))


def states():
    return list(Arrival.objects.order_by("pk").values_list("state", flat=True))


def test_a_file_in_the_watched_folder_becomes_a_draft_that_counts_for_nothing(parties, folder):
    put(folder, "细则.txt")
    watched = source("folder", issuer_name="省科技厅")
    before = RuleVersion.objects.filter(status="active").count()
    outcome = sources.look(watched)
    assert (outcome["read"], outcome["failed"], outcome["more"]) == (1, [], False)
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.address) == ("read", "细则.txt")
    policy = arrival.policy
    assert (policy.status, policy.origin, policy.level, policy.issuer_name) == ("draft", "read", "province", "省科技厅")
    assert policy.items.exists()
    assert RuleVersion.objects.filter(status="active").count() == before
    assert sources.look(watched)["read"] == 0
    assert Arrival.objects.count() == 1


def test_a_file_that_is_still_being_written_is_left_alone_and_looked_at_soon(parties, folder):
    put(folder, "a.txt", age=1)
    put(folder, "b.txt.part")
    put(folder, "~$c.docx")
    watched = source("folder")
    assert sources.look(watched)["waiting"] == 1
    assert not Arrival.objects.exists()
    assert watched.due_at - watched.looked_at == sources.SOON
    put(folder, "a.txt")
    assert sources.look(watched)["read"] == 1


def test_links_out_of_the_folder_are_not_followed(parties, folder, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    put(secret, "s.txt")
    (folder / "file.txt").symlink_to(secret / "s.txt")
    (folder / "inside").symlink_to(secret)
    os.mkfifo(folder / "pipe.txt")
    os.utime(folder / "pipe.txt", (1, 1))
    os.utime(folder / "file.txt", (1, 1), follow_symlinks=False)
    outcome = sources.look(source("folder"))
    assert not Arrival.objects.exists()
    assert sorted(address for address, _why in outcome["failed"])[:1] == ["file.txt"]
    assert all(why for _address, why in outcome["failed"])


@pytest.mark.parametrize("address", ["..", "../secret", "/etc", "inside", "nowhere", "a\x00b"])
def test_a_folder_beside_the_watched_one_is_no_source(folder, tmp_path, address):
    (tmp_path / "secret").mkdir()
    (folder / "inside").symlink_to(tmp_path / "secret")
    with pytest.raises(ValidationError) as refused:
        source("folder", address)
    assert "address" in refused.value.message_dict


def test_without_the_setting_no_folder_is_read(settings, folder):
    put(folder, "a.txt")
    watched = source("folder")
    settings.POLICY_FOLDER = ""
    assert sources.look(watched)["failed"]
    assert not Arrival.objects.exists()


def test_what_cannot_be_read_is_named_with_its_reason_once(parties, folder):
    put(folder, "old.doc", b"\xd0\xcf\x11\xe0rest")
    put(folder, "picture.png", b"\x89PNG")
    watched = source("folder")
    assert sources.look(watched)["refused"] == 2
    sources.look(watched)
    assert dict(Arrival.objects.values_list("address", "reason")) == {"old.doc": "old_word", "picture.png": "kind"}


def test_a_text_that_is_known_names_its_policy(parties, folder, site):
    known = drafts.read(TEXT, None)
    put(folder, "a.txt")
    sources.look(source("folder"))
    put(folder, "b.txt", OTHER)
    sources.look(source("folder"))
    assert states() == ["duplicate", "duplicate", "read"]
    assert Arrival.objects.first().policy is not None
    assert Arrival.objects.order_by("pk")[0].policy == known
    assert Policy.objects.filter(origin="read").count() == 2


def test_a_text_that_changed_at_its_address_is_a_draft_that_names_what_it_changes(parties, folder):
    put(folder, "a.txt")
    watched = source("folder")
    sources.look(watched)
    put(folder, "a.txt", TEXT.replace("20万元", "50万元"), age=600)
    assert sources.look(watched)["changed"] == 1
    first, second = Arrival.objects.order_by("pk")
    assert second.changes == first.policy != second.policy
    assert second.policy.status == "draft"
    first.policy.refresh_from_db()
    assert "20万元" in first.policy.versions.get().text


def test_pages_are_read_without_what_is_around_them_and_asked_for_by_their_mark(parties, site):
    site.pages["/1.html"] = (200, {"Content-Type": "text/html", "ETag": '"1"'}, page().encode("gb18030"))
    listed = pages(site, "/1.html")
    assert sources.look(listed)["read"] == 1
    policy = Arrival.objects.get().policy
    text = policy.versions.get().text
    assert "上年度营业收入1000万元以上" in text
    assert "导航" not in text
    assert policy.url == site.url("/1.html")
    assert "Cookie" not in site.asked[0][1]
    site.pages["/1.html"] = (304, {}, b"")
    outcome = sources.look(listed)
    assert site.asked[-1][1]["If-None-Match"] == '"1"'
    assert (outcome["failed"], Arrival.objects.count()) == ([], 1)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_page_that_does_not_answer_well_is_named_and_asked_again(parties, site, status):
    site.pages["/x"] = (status, {"ETag": '"1"'}, b"<html>no</html>")
    listed = pages(site, "/x")
    assert sources.look(listed)["failed"] == [[site.url("/x"), f"HTTP {status}"]]
    site.pages["/x"] = (200, {}, page().encode())
    assert sources.look(listed)["read"] == 1


RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>政策</title>
<item><title>细则</title><link>/1.html</link><pubDate>Mon, 02 Mar 2026 08:00:00 +0800</pubDate></item>
<item><title>同上</title><link>/1.html#a</link></item>
<item><title>坏</title><link>javascript:alert(1)</link></item>
<item><title>文件</title><link>file:///etc/passwd</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>细则</title>
<link rel="self" href="/self"/><link href="1.html"/><updated>2026-03-02T08:00:00Z</updated></entry></feed>"""


@pytest.mark.parametrize(
    "feed", [RSS.encode(), ATOM.encode(), ("\n" + RSS.replace(' encoding="UTF-8"', "")).encode("gb18030")]
)
def test_a_feed_brings_what_it_names(parties, site, feed):
    site.pages["/feed.xml"] = (200, {"Content-Type": "application/xml"}, feed)
    site.pages["/1.html"] = (200, {"Content-Type": "text/html"}, page().encode())
    outcome = sources.look(source("feed", site.url("/feed.xml")))
    assert (outcome["read"], outcome["failed"]) == (1, [])
    arrival = Arrival.objects.get()
    assert (arrival.address, str(arrival.published)) == (site.url("/1.html"), "2026-03-02")


def test_a_feed_that_is_as_it_was_still_has_its_pages_looked_at(parties, site):
    site.pages["/feed.xml"] = (200, {"ETag": '"f"'}, RSS.encode())
    site.pages["/1.html"] = (200, {}, page().encode())
    feed = source("feed", site.url("/feed.xml"))
    sources.look(feed)
    site.pages["/feed.xml"] = (304, {}, b"")
    site.pages["/1.html"] = (200, {}, page(TEXT.replace("20万元", "60万元")).encode())
    assert sources.look(feed)["changed"] == 1


@pytest.mark.parametrize(
    "feed",
    [
        b"<html><body>no feed</body></html>",
        b"<rss><channel><item>",
        b"",
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title><link>/1.html</link></item></channel></rss>',
        b'<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>',
    ],
)
def test_what_is_no_sound_feed_is_refused(parties, site, feed):
    site.pages["/feed.xml"] = (200, {}, feed)
    outcome = sources.look(source("feed", site.url("/feed.xml")))
    assert outcome["failed"]
    assert [path for path, _headers in site.asked] == ["/feed.xml"]


def refused(url, limit=1 << 20):
    with pytest.raises(fetching.FetchFailed) as error:
        fetching.fetch(url, limit=limit)
    return str(error.value)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "http://localhost/", "http://[::1]/",
        "file:///etc/passwd", "gopher://127.0.0.1/", "http://user:word@127.0.0.1/", "//10.0.0.1/",
    ],
)  # fmt: skip
def test_a_redirect_into_ones_own_network_is_not_followed(site, settings, target):
    settings.FETCH_HOSTS = ["*", "127.0.0.1"]
    site.pages["/r"] = (302, {"Location": target}, b"")
    refused(site.url("/r"))
    assert len(site.asked) == 1


def test_a_redirect_to_a_good_place_is_followed_but_not_for_ever(site):
    site.pages["/r"] = (301, {"Location": "/end"}, b"")
    site.pages["/end"] = (200, {}, b"here")
    assert fetching.fetch(site.url("/r"), limit=99).content == b"here"
    site.pages["/round"] = (302, {"Location": "/round"}, b"")
    refused(site.url("/round"))
    assert len(site.asked) == 2 + fetching.MOST_REDIRECTS + 1


def test_a_name_that_resolves_to_a_private_address_is_refused_whoever_allows_the_name(site, settings, monkeypatch):
    settings.FETCH_HOSTS = ["*", "www.example.gov.cn"]
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, **more: [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]
    )
    refused("http://www.example.gov.cn/")
    assert not site.asked


def test_only_hosts_that_the_operator_named_are_asked(site, settings, monkeypatch):
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, **more: [(socket.AF_INET, 1, 6, "", ("93.184.216.34", port))]
    )
    called = []
    monkeypatch.setattr(outside, "call", lambda *given: called.append(given))
    for hosts in ([], ["www.gov.cn"], [".gov.cn"]):
        settings.FETCH_HOSTS = hosts
        assert "gov.cn.example.com" in refused("https://gov.cn.example.com/")
    settings.FETCH_HOSTS = ["*"]
    assert "8443" in refused("https://www.gov.cn:8443/")
    # A private host that webhooks may call is not thereby part of the web.
    refused(site.url("/"))
    assert not called


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65536)
    except OSError:
        pass


def dripping(handler):
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"X-A: b\r\n")
            time.sleep(0.05)
    except OSError:
        pass


def short(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"part")


def test_an_endless_answer_ends_at_the_limit(site):
    site.pages["/e"] = endless
    assert "1" in refused(site.url("/e"), limit=1 << 20)


def test_a_bomb_is_not_unpacked(site):
    packed = gzip.compress(b"\0" * (64 << 20))
    site.pages["/b"] = (200, {"Content-Encoding": "gzip"}, packed)
    refused(site.url("/b"), limit=1 << 20)
    site.pages["/g"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"good"))
    assert fetching.fetch(site.url("/g"), limit=99).content == b"good"
    site.pages["/d"] = (200, {"Content-Encoding": "br"}, b"x")
    refused(site.url("/d"))


def test_a_slow_server_holds_nobody_longer_than_the_limit(site, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.6)
    site.pages["/s"] = dripping
    began = time.monotonic()
    refused(site.url("/s"))
    assert time.monotonic() - began < 3


def test_half_an_answer_is_none(site):
    site.pages["/h"] = short
    refused(site.url("/h"))
    site.pages["/n"] = lambda handler: handler.wfile.write(b"no http at all\r\n\r\n")
    refused(site.url("/n"))
    site.pages["/z"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 999)[:-9])
    refused(site.url("/z"))


def test_a_host_is_not_asked_twice_within_the_pause(site, monkeypatch):
    monkeypatch.setattr(fetching, "PAUSE", 0.3)
    site.pages["/p"] = (200, {}, b"x")
    began = time.monotonic()
    fetching.fetch(site.url("/p"), limit=9)
    fetching.fetch(site.url("/p"), limit=9)
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    "address", ["", "x", "ftp://a.example/", "https://u:p@a.example/", "https://a.example/\nhttps://b.example/"]
)
def test_a_feed_has_one_web_address(address):
    with pytest.raises(ValidationError):
        source("feed", address)


def test_the_clock_has_due_sources_looked_at_once_each(parties, folder):
    put(folder, "a.txt")
    source("folder")
    source("folder", active=False)
    tasks.sources()
    tasks.sources()
    assert jobs.waiting(tasks.look) == 1
    jobs.run_pending()
    assert states() == ["read"]
    tasks.sources()
    assert jobs.waiting(tasks.look) == 0


def test_the_command_says_what_came_and_what_failed(parties, folder, capsys):
    from innozone.wings.policies import commands

    put(folder, "a.txt")
    made = source("folder")
    assert commands.fetch(made.code) == 0
    assert f"{made.code}  read 1" in capsys.readouterr().out
    assert commands.fetch("none") == 1
    folder.rename(folder.with_name("gone"))
    assert commands.fetch() == 1
