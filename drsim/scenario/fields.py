"""Which model and which keys a place in a scenario has: for messages about keys that nobody reads."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from drsim.scenario.model import Scenario


def keys_at(loc: tuple[str | int, ...]) -> list[str]:
    """Return the keys that may stand in the mapping to which `loc` leads; none where any may."""
    here: object = Scenario
    for part in loc:
        here = _below(here, part)
    model = _model(here)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def is_required(loc: tuple[str | int, ...]) -> bool:
    """Return whether the mapping above must have the key to which `loc` leads; not of members of mappings."""
    here: object = Scenario
    for part in loc[:-1]:
        here = _below(here, part)
    model = _model(here)
    fields = model.model_fields.items() if model else ()
    return any(field.is_required() for name, field in fields if loc[-1] in (field.alias or name, name))


def needs_keys(loc: tuple[str | int, ...]) -> bool:
    """Return whether the mapping to which `loc` leads must have keys."""
    here: object = Scenario
    for part in loc:
        here = _below(here, part)
    model = _model(here)
    return model is not None and any(field.is_required() for field in model.model_fields.values())


def words_at(loc: tuple[str | int, ...]) -> dict[str, tuple[str, ...]]:
    """Return the keys of the mapping to which `loc` leads whose value is one of a few words, each with its words."""
    here: object = Scenario
    for part in loc:
        here = _below(here, part)
    model = _model(here)
    words = {}
    for name, field in model.model_fields.items() if model else ():
        for option in _options(field.annotation):
            if get_origin(option) is Literal:
                words[field.alias or name] = tuple(str(word) for word in get_args(option))
    return words


def takes_flag(loc: tuple[str | int, ...]) -> bool:
    """Return whether true and false may stand in place of the mapping to which `loc` leads."""
    here: object = Scenario
    for part in loc[:-1]:
        here = _below(here, part)
    field = _field(here, loc[-1]) if loc else None
    forms = [item for item in field.metadata if isinstance(item, BeforeValidator)] if field else []
    return any(bool in _options(form.json_schema_input_type) for form in forms)


def _below(annotation: object, part: str | int) -> object:
    if _model(annotation) is not None:
        field = _field(annotation, part)
        return field.annotation if field else None
    for option in _options(annotation):
        if get_origin(option) in (dict, tuple):
            return get_args(option)[1 if get_origin(option) is dict else 0]
    return None


def _field(annotation: object, part: str | int) -> FieldInfo | None:
    """Return the field of a model that has this key, or None."""
    model = _model(annotation)
    fields = model.model_fields.items() if model else ()
    return next((field for name, field in fields if part in (field.alias or name, name)), None)


def _model(annotation: object) -> type[BaseModel] | None:
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def _options(annotation: object) -> list[object]:
    """Return the alternatives of an annotation, without what it is annotated with."""
    if get_origin(annotation) is Annotated:
        return _options(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [inner for option in get_args(annotation) for inner in _options(option)]
    return [annotation]
