"""Every page fits a phone and a desk: no sideways scrolling, every field named, one first heading."""

from __future__ import annotations

import pytest

from tests.portal.test_rights import PAGES, address

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What WCAG 2.2 asks of every page and a script can see: names of controls, one h1, language, no repeated ids.
NAMELESS = """() => {
  const named = (e) => e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')
    || e.textContent.trim() || e.title || e.value;
  const wrong = [];
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!(e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')))
      wrong.push(e.outerHTML.slice(0, 120));
  for (const e of document.querySelectorAll('a, button, summary')) if (!named(e)) wrong.push(e.outerHTML.slice(0, 120));
  for (const e of document.querySelectorAll('img')) if (e.alt === undefined) wrong.push(e.outerHTML);
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  wrong.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => 'id twice: ' + id));
  if (document.querySelectorAll('h1').length !== 1) wrong.push('h1: ' + document.querySelectorAll('h1').length);
  if (!document.querySelector('main')) wrong.push('no main');
  if (!document.documentElement.lang) wrong.push('no language');
  return wrong;
}"""
# Text against what is behind it: 4.5 to 1, 3 to 1 for large text.
FAINT = """() => {
  const lum = (c) => { const v = c.map((x) => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor);
    if (c[3] > 250) return c.slice(0, 3); } return [255, 255, 255]; };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !e.checkVisibility() || e.closest('svg, script, .visually-hidden')) continue;
    const style = getComputedStyle(e);
    const [a, b] = [lum(rgba(style.color).slice(0, 3)), lum(behind(e))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && +style.fontWeight >= 700);
    const ratio = (a + .05) / (b + .05);
    if (ratio < (large ? 3 : 4.5)) found.add(`${ratio.toFixed(2)} ${e.tagName}.${e.className}: ${walker.currentNode.textContent.trim().slice(0, 30)}`);
  }
  return [...found];
}"""


# Pieces and files, which are no pages.
PARTS = (
    "policy_feed",
    "policy_export",
    "policy_calendar",
    "enterprise_calendar_file",
    "calendar_by_link",
    "workbench_words",
    "workbench_proposals",
    "delivery_progress",
    "delivery_rejected",
    "enterprise_near_ways",
)


def pages_of(role: str) -> list[str]:
    return [name for name, expected in PAGES.items() if expected[role] == 200 and name not in PARTS]


@pytest.mark.parametrize(("role", "language"), [("administrator", "zh-CN"), ("enterprise", "en-US")])
def test_no_page_scrolls_sideways(open_page, place, role, language):
    wrong = []
    for width in (375, 1440):
        page = open_page(role, width, language)
        for name in pages_of(role):
            page.goto(address(name, place))
            over = page.evaluate(WIDE)
            if over > 0:
                wrong.append(f"{name} at {width}: {over} px too wide")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["administrator", "visitor"])
def test_every_control_has_a_name_and_every_page_one_heading(open_page, place, role):
    page = open_page(role)
    names = [*pages_of(role), *(["account_login"] if role == "visitor" else [])]
    wrong = {}
    for name in names:
        page.goto("/accounts/login/" if name == "account_login" else address(name, place))
        found = page.evaluate(NAMELESS)
        if found:
            wrong[name] = found
    assert not wrong, wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(open_page, place, scheme):
    page = open_page("administrator")
    page.emulate_media(color_scheme=scheme)
    wrong = {}
    for name in pages_of("administrator"):
        page.goto(address(name, place))
        found = page.evaluate(FAINT)
        if found:
            wrong[name] = found
    assert not wrong, wrong
