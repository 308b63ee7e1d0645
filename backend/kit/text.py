"""What requests carry: text that people type, made safe to store, and numbers; strict about everything else."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def clean_line(text: str) -> str:
    """One line, runs of white space made one space; ValueError for control characters."""
    line = " ".join(text.split())
    _refuse_control_characters(line, allowed="")
    return line


def clean_paragraphs(text: str) -> str:
    """Several lines, ends trimmed, line breaks made `\\n`; ValueError for other control characters."""
    paragraphs = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()
    _refuse_control_characters(paragraphs, allowed="\n\t")
    return paragraphs


def _refuse_control_characters(text: str, allowed: str) -> None:
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed for letter in text):
        raise ValueError("Please use plain text.")


Line = Annotated[str, AfterValidator(clean_line)]
Paragraphs = Annotated[str, AfterValidator(clean_paragraphs)]


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
"""A whole number, which JSON may also write as 5.0 (JSON Schema 2020-12, 6.1.1); never text or true."""


class Payload(BaseModel):
    """What a request's body is made of: strict about names, so that a misspelt field is not silently ignored."""

    model_config = ConfigDict(extra="forbid")
