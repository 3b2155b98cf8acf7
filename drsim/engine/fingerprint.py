"""What a part of a world says, in a few bytes: two that say the same give the same incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import blake2b

import numpy as np

_PLAIN = frozenset({int, float, bool, str, bytes, type(None), np.int64, np.float64, np.bool_})


def fingerprint(*parts: object) -> bytes:
    """Return a digest of all that values hold: dataclasses by their fields, arrays by their numbers."""
    digest = blake2b(digest_size=16)
    texts: list[str] = []
    arrays: list[np.ndarray] = []
    _tell(parts, texts, arrays)
    digest.update("\x1f".join(texts).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()


@cache
def _names(kind: type) -> tuple[str, ...]:
    # what a dataclass has cached beside its fields says nothing
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _tell(value: object, texts: list[str], arrays: list[np.ndarray]) -> None:
    """Add a value to the texts, and to the arrays where it is one."""
    kind = type(value)
    if kind in _PLAIN:
        texts.append(repr(value))
    elif isinstance(value, np.ndarray):
        texts.append(f"{value.dtype}{value.shape}")
        arrays.append(value)
    elif names := _names(kind):  # type: ignore[arg-type]  # a type is hashable
        texts.append(kind.__name__)
        for name in names:
            _tell(getattr(value, name), texts, arrays)
    elif isinstance(value, Mapping):
        texts.append(f"m{len(value)}")
        for key, item in value.items():
            _tell(key, texts, arrays)
            _tell(item, texts, arrays)
    elif isinstance(value, list | tuple):
        texts.append(f"t{len(value)}")
        for item in value:
            _tell(item, texts, arrays)
    elif isinstance(value, frozenset | set):
        texts.append(f"s{sorted(value)!r}")
    else:
        raise TypeError(f"no fingerprint of {kind.__name__}")
