"""How fast policy texts are read: pages a minute on one core, plain and out of files of every kind.

    python -m bench.read [--texts FOLDER] [--pages 400] [--json]

A page is 1,000 characters. Without a folder of texts the pages are made of sentences of the usual kinds with changing
figures; with one they are its texts, over and over. Reading = text to items with conditions, promises, gist and tags;
drafting = the same to a draft policy that the checker accepts. Beside it, in the same run, what the field does
instead: a list of patterns for amounts, shares and years over every line, without structure, bounds or meaning: the
least that any reading costs.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from innozone.kernel.packs import load_pack
from innozone.kernel.reading import draft_policy, read_file, read_text

PAGE = 1000
LIMIT = 1000  # pages a minute
_SENTENCES = (
    "第{n}条 对上年度营业收入{a}万元以上、研发费用占营业收入比例{b}%以上的高新技术企业，按研发费用的{c}%给予补助，最高不超过{d}万元。",
    "第{n}条 申报企业应当具备下列条件：\n（一）在新区登记注册，具有独立法人资格；\n（二）注册成立满{c}年；\n（三）近三年未发生重大安全、质量事故。",
    "第{n}条 对新认定的国家级、省级科技企业孵化器，分别奖励{d}万元、{c}万元；年度考核为优秀的，每年再奖励{b}万元。",
    "第{n}条 同一企业符合多项政策的，按照就高不重复原则执行。申报时间为2026年3月1日至4月15日。",
    "第{n}条 有关部门应当加强政策宣传和服务，做好组织实施工作，及时协调解决执行中的问题。",
)
_PATTERNS = tuple(
    re.compile(words)
    for words in (
        r"\d+(?:\.\d+)?(?:万|亿)?元", r"\d+(?:\.\d+)?%", r"\d+年", r"不低于|不超过|以上|以下|超过", r"给予|奖励|补助|补贴|资助",
        r"高新技术企业|孵化器|专精特新|瞪羚", r"近[一二三四五\d]年|上年度", r"\d{4}年\d{1,2}月\d{1,2}日",
    )
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Pages of policy text read in a minute on one core.")
    parser.add_argument("--texts", type=Path, metavar="FOLDER", help="texts to read; without, they are made")
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    texts = _texts(options.texts, options.pages)
    pages = sum(map(len, texts)) / PAGE
    pack = load_pack("xixian")
    found = {
        "pages": round(pages),
        "texts": len(texts),
        "read": _rate(lambda: [read_text(text) for text in texts], pages),
        "read and drafted": _rate(lambda: [draft_policy(read_text(text), pack.dictionary) for text in texts], pages),
        "patterns alone": _rate(lambda: [_plain(text) for text in texts], pages),
    }
    with tempfile.TemporaryDirectory(prefix="innozone-read-") as folder:
        for kind, write in (("docx", _docx), ("html", _html), ("txt", _txt)):
            files = [write(Path(folder) / f"{at}.{kind}", text) for at, text in enumerate(texts)]
            found[f"{kind} read"] = _rate(lambda files=files: [read_file(path) for path in files], pages)  # type: ignore[misc]
    found["memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        print(f"{found['pages']} pages of {PAGE} characters in {found['texts']} texts; must be {LIMIT} pages a minute")
        for name, rate in list(found.items())[2:-1]:
            print(f"{name:18} {rate:>9,.0f} pages a minute")
        print(f"{found['memory MB']} MB")
    return 0 if found["read"] >= LIMIT else 1


def _rate(work: Callable[[], object], pages: float) -> float:
    """Pages a minute of processor time of this process."""
    start = time.process_time()
    work()
    return pages / max(time.process_time() - start, 1e-9) * 60


def _texts(folder: Path | None, pages: int) -> list[str]:
    if folder is not None:
        found = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]
        times = max(1, round(pages * PAGE / max(sum(map(len, found)), 1)))
        return found * times
    texts, number = [], 0
    while sum(map(len, texts)) < pages * PAGE:
        lines = ["新区支持企业发展若干措施"]
        for n in range(1, 26):
            number += 1
            values = {"n": n, "a": 500 + number % 97, "b": 3 + number % 7, "c": 1 + number % 5, "d": 50 + number % 41}
            lines.append(_SENTENCES[number % len(_SENTENCES)].format(**values))
        texts.append("\n".join(lines) + "\n")
    return texts


def _plain(text: str) -> int:
    return sum(len(pattern.findall(line)) for line in text.split("\n") for pattern in _PATTERNS)


def _docx(path: Path, text: str) -> Path:
    import docx

    document = docx.Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    path.write_bytes(stream.getvalue())
    return path


def _html(path: Path, text: str) -> Path:
    body = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    path.write_text(
        f"<!doctype html><meta charset=utf-8><title>政策</title><article>{body}</article>", encoding="utf-8"
    )
    return path


def _txt(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    raise SystemExit(main())
