"""The files of the npm packages that pages load: these and no others are served and collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage, Storage

#: address under STATIC_URL → file in node_modules. A source map goes with the file that names it.
FILES = {
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "vendor/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/echarts.min.js": "echarts/dist/echarts.common.min.js",
}


class _OneFile(FileSystemStorage):
    """Storage in which a package's file bears the address it is served under."""

    prefix = ""

    def path(self, name: str) -> str:
        return str(settings.NODE_MODULES / FILES[name])


class PackageFinder(BaseFinder):
    """Finds the listed files; a file that has not been fetched is not found."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = _OneFile(location=str(settings.NODE_MODULES))

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:
        known = FILES.get(path)
        found = [str(settings.NODE_MODULES / known)] if known and (settings.NODE_MODULES / known).exists() else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name, file in FILES.items():
            if (settings.NODE_MODULES / file).exists() and not matches_patterns(name, list(ignore_patterns or ())):
                yield name, self.storage
