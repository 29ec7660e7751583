"""Frozen records of the kernel as JSON data and back, so that the database can hold a dictionary or a contract."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

Record = TypeVar("Record")


def to_data(value: Any) -> Any:
    """JSON data of a frozen dataclass. Fields that hold their default are left out; so is the place in a file."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_data(held)
            for field in dataclasses.fields(value)
            if field.name != "origin" and (held := getattr(value, field.name)) != field.default
        }
    if isinstance(value, Mapping):
        return {key: to_data(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [to_data(held) for held in value]
    return value


def from_data(kind: type[Record], data: Mapping[str, Any]) -> Record:
    """The record of class `kind` that `to_data` wrote."""
    hints = _hints(kind)
    return kind(**{name: _typed(hints[name], value) for name, value in data.items() if name in hints})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _typed(next(option for option in inner if option is not type(None)), value)
    if dataclasses.is_dataclass(hint):
        return from_data(typing.cast(type, hint), value)
    if origin is tuple:
        return tuple(_typed(inner[0], entry) for entry in value)
    if origin is not None and isinstance(value, Mapping):
        return {key: _typed(inner[1], entry) for key, entry in value.items()}
    return value
