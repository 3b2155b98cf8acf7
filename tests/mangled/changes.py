"""Changes of a document that make it almost right, absurd, or meant to do harm."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from drsim.scenario.nodes import plain
from drsim.scenario.yaml_text import read_yaml
from tests.mangled.values import ABSURD, ENDS


def _extreme(luck: random.Random) -> Any:  # noqa: ANN401  # as YAML has it
    """Return a value to put somewhere."""
    return luck.choice(ENDS if luck.random() < 0.7 else ABSURD)


def flip(luck: random.Random, content: bytes) -> bytes:
    """Change some bytes."""
    made = bytearray(content or b"\n")
    for _ in range(luck.choice((1, 1, 2, 8))):
        made[luck.randrange(len(made))] = luck.choice((luck.randrange(256), *b"0:-{}[]*&!|>#\"' \n\t"))
    return bytes(made)


def _lines(luck: random.Random, content: bytes) -> bytes:
    """Delete, double, move or cut a line, or change how deep it stands."""
    lines = content.split(b"\n")
    k = luck.randrange(len(lines))
    match luck.randrange(6):
        case 0:
            del lines[k]
        case 1:
            lines.insert(k, lines[k])
        case 2:
            lines.insert(luck.randrange(len(lines)), lines.pop(k))
        case 3:
            lines[k] = lines[k][: luck.randrange(len(lines[k]) + 1)]
        case 4:
            lines[k] = b" " * luck.randrange(1, 9) + lines[k]
        case _:
            del lines[k : k + luck.randrange(1, 20)]
    return b"\n".join(lines)


def _insert(luck: random.Random, content: bytes) -> bytes:
    """Put in something that has a meaning in YAML, or none."""
    odd = luck.choice(
        (
            *(
                b"&a ",
                b"*a",
                b"<<: *a\n",
                b"<<: [1]\n",
                b"!!python/object:os.system ",
                b"---\n",
                b"? ",
                b"\xff",
                b"\xef\xbb\xbf",
            ),
            *(b"\r\n", b"\x00", b"\t", b"# ", b"{", b"]", b"'", b'"', b"%YAML 1.1\n", "\u2028".encode(), b"[" * 60),
        )
    )
    k = luck.randrange(len(content) + 1)
    return content[:k] + odd + content[k:]


def _value(luck: random.Random, content: bytes) -> bytes:
    """Put an extreme in place of a value, or of everything below a key."""

    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  # a list or a mapping, as JSON has them
        holder[key] = _extreme(luck)

    return _in_data(luck, content, change)


def _number(luck: random.Random, content: bytes) -> bytes:
    """Multiply a number within a text by a power of ten, its unit as it was."""

    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  # as above
        value = holder[key]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            holder[key] = _extreme(luck)
            return
        factor = 10.0 ** luck.choice((-9, -6, -3, -1, 1, 2, 3, 6, 9))
        text = re.sub(r"\d+(?:\.\d+)?", lambda m: f"{float(m[0][:20]) * factor:.6g}", str(value), count=1)
        holder[key] = text if isinstance(value, str) else _as_number(text)

    return _in_data(luck, content, change)


def _as_number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 1e18 else number


def _key(luck: random.Random, content: bytes) -> bytes:
    """Rename a key, drop it, double what it holds, or exchange it with a neighbour."""

    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  # as above
        if not isinstance(holder, dict):
            holder.pop(key)
            return
        value = holder.pop(key)
        match luck.randrange(4):
            case 0:
                holder[luck.choice((f"{key}x", key.upper(), "", "*", "<<", "a.b", "x" * 200, "\u202e" + key))] = value
            case 1:
                pass
            case 2:
                holder |= {key: value, f"{key}-2": value}
            case _:
                other = luck.choice([*holder, key])
                holder[key], holder[other] = holder.get(other, value), value

    return _in_data(luck, content, change)


def _transplant(luck: random.Random, content: bytes) -> bytes:
    """Put one part of the scenario in place of another."""

    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  # as above
        holder[key] = luck.choice(values)

    values = [holder[key] for holder, key in _places(_data(content))]
    return _in_data(luck, content, change)


CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(flip, _lines, _insert, _key, _transplant),
    *(_value, _number) * 4,
)


def _data(content: bytes) -> Any:  # noqa: ANN401  # as JSON has it
    node, _ = read_yaml(content.decode(), "mangled")
    return plain(node)


def _in_data(luck: random.Random, content: bytes, change: Callable[[Any, Any], None]) -> bytes:
    """Return a document with a change at one of its places, written as JSON, which is YAML."""
    data = _data(content)
    holder, key = luck.choice(list(_places(data)))
    change(holder, key)
    return json.dumps(data, ensure_ascii=luck.random() < 0.5, indent=1).encode("utf-8", "surrogatepass")


def _places(data: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401  # as JSON has it
    """Yield every mapping and list with all its keys, one by one."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(items):
        yield data, key
        yield from _places(value)
