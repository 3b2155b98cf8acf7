"""What was worked out for one world and holds for others that are nearly alike."""

from __future__ import annotations

from dataclasses import dataclass, field

from drsim.engine.vectorised.fate import Fate
from drsim.engine.vectorised.jobs import Left


@dataclass
class Memory:
    """Answers for the same drills in worlds that are nearly alike: what one changes leaves most of it as it was.

    Everything is remembered by all that it follows from (`drsim.engine.fingerprint`), so that the answers are those
    that would have been worked out.

    Attributes:
        learns: whether it takes in what is new to it; else it only answers.
        answers: what jobs left behind, by component, histories and question; nobody changes them.
        fates: how members fare; they are handed out as copies.
    """

    learns: bool = True
    answers: dict[bytes, Left] = field(default_factory=dict)
    fates: dict[bytes, Fate] = field(default_factory=dict)
