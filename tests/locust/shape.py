"""Expected shapes of JSON responses.

A shape is
- a type, or a tuple of types: the value is of one of them (numbers are never true or false);
- a dict: an object with at least these fields, each of its shape;
- `Items(shape)`: a list, each item of that shape;
- `OneOf(...)`: one of these values;
- anything else: exactly this value.
"""

from dataclasses import dataclass
from typing import Any

ANYTHING = object
NUMBER = (int, float)


class Mismatch(Exception):
    """A response does not have the expected shape."""


@dataclass(frozen=True)
class Items:
    """A list."""

    shape: Any
    at_least: int = 0


class OneOf:
    """One of several values."""

    def __init__(self, *values):
        self.values = values


def check(value, shape, place="the answer"):
    """Raises `Mismatch` with the path in the response unless `value` has this shape."""
    if isinstance(shape, type | tuple):
        _check_type(value, shape if isinstance(shape, tuple) else (shape,), place)
    elif isinstance(shape, dict):
        _check_type(value, (dict,), place)
        for name, inner in shape.items():
            if name not in value:
                raise Mismatch(f"{place} has no {name!r}, only {sorted(value)}")
            check(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, Items):
        _check_type(value, (list,), place)
        if len(value) < shape.at_least:
            raise Mismatch(f"{place} has {len(value)} items, not {shape.at_least}")
        for index, item in enumerate(value):
            check(item, shape.shape, f"{place}[{index}]")
    elif isinstance(shape, OneOf):
        if value not in shape.values:
            raise Mismatch(f"{place} is {value!r}, not one of {shape.values}")
    elif value != shape:
        raise Mismatch(f"{place} is {value!r}, not {shape!r}")


def _check_type(value, types, place):
    misplaced = isinstance(value, bool) and not {bool, object}.intersection(types)
    if misplaced or not isinstance(value, types):
        names = " or ".join(kind.__name__ for kind in types)
        raise Mismatch(f"{place} is {value!r:.100}, not {names}")
