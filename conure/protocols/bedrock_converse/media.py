"""Bedrock Converse: images, videos, sounds and documents, from the wire's shape to ours and back.

They come as base64 or lie in S3; nothing is fetched from elsewhere. Formats have names of their
own, documents a name, in which few signs are allowed.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError
from ..shape import is_object

__all__ = ["FORMATS", "mime_of", "read_media", "write_document", "write_media"]

Block = dict[str, Any]

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Kind of block -> the wire's name of a format -> its MIME types, of which the first is usual.
FORMATS: dict[str, dict[str, tuple[str, ...]]] = {
    "image": {
        "png": ("image/png",),
        "jpeg": ("image/jpeg", "image/jpg"),
        "gif": ("image/gif",),
        "webp": ("image/webp",),
    },
    "document": {
        "pdf": ("application/pdf",),
        "csv": ("text/csv",),
        "doc": ("application/msword",),
        "docx": (WORD,),
        "xls": ("application/vnd.ms-excel",),
        "xlsx": (SHEET,),
        "html": ("text/html",),
        "txt": ("text/plain",),
        "md": ("text/markdown", "text/x-markdown"),
    },
    "video": {
        "mp4": ("video/mp4",),
        "mov": ("video/quicktime",),
        "mkv": ("video/x-matroska", "video/matroska"),
        "webm": ("video/webm",),
        "flv": ("video/x-flv",),
        "mpeg": ("video/mpeg",),
        "mpg": (),
        "wmv": ("video/x-ms-wmv", "video/wmv"),
        "three_gp": ("video/3gpp",),
    },
    "audio": {
        "mp3": ("audio/mpeg", "audio/mp3"),
        "wav": ("audio/wav", "audio/x-wav", "audio/wave"),
        "aac": ("audio/aac",),
        "flac": ("audio/flac", "audio/x-flac"),
        "ogg": ("audio/ogg",),
        "opus": ("audio/opus",),
        "m4a": ("audio/mp4", "audio/x-m4a", "audio/m4a"),
        "webm": ("audio/webm",),
        "pcm": ("audio/pcm", "audio/l16"),
    },
}
OF_MIME = {
    kind: {mime: form for form, mimes in forms.items() for mime in mimes}
    for kind, forms in FORMATS.items()
}
# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html: letters,
# numbers, single spaces, hyphens, parentheses and square brackets.
FORBIDDEN = re.compile(r"[^A-Za-z0-9\s\-()\[\]]+")
SPACES = re.compile(r"\s+")
LONGEST = 200


def mime_of(kind: str, form: Any) -> str:
    """Give the MIME type of a format; some send that in place of the format's name."""
    if "/" in str(form):
        return str(form)
    usual = FORMATS.get(kind, {}).get(str(form))
    return usual[0] if usual else f"{'application' if kind == 'document' else kind}/{form}"


def read_media(kind: str, wire: Any) -> Block | None:
    """Read a block of a kind that has a format and a source; None where it has no source."""
    source = wire.get("source") if is_object(wire) else None
    if not is_object(wire) or not is_object(source):
        return None
    block: Block = {"type": "file" if kind == "document" else kind}
    block["mime_type"] = mime_of(kind, wire.get("format"))
    place = source.get("s3Location")
    if isinstance(data := source.get("bytes"), str):
        block["base64"] = data
    elif is_object(place) and isinstance(uri := place.get("uri"), str):
        block["url"] = uri
    else:
        return None
    return block


def write_media(kind: str, block: Mapping[str, Any], where: str) -> Block:
    """Write an image, a video or a sound."""
    form = _format(kind, block, where)
    return {kind: {"format": form, "source": _source(kind, block, where)}}


def write_document(block: Mapping[str, Any], where: str, number: int) -> Block:
    """Write a document; `number` tells those without a name apart."""
    extras: Mapping[str, Any] = block.get("extras") or {}
    if block.get("type") == "text-plain" and isinstance(text := block.get("text"), str):
        form, source = "txt", {"text": text}
    else:
        form, source = _format("document", block, where), _source("document", block, where)
    found = (block.get(n) or extras.get(n) for n in ("title", "name", "filename"))
    document: Block = {"format": form, "name": _name(next(filter(None, found), None), number)}
    document["source"] = source
    for name in ("context", "citations"):
        value = block.get(name)
        if (value := extras.get(name) if value is None else value) is not None:
            document[name] = value
    return {"document": document}


def _name(given: Any, number: int) -> str:
    """Make a name that the API takes."""
    plain = SPACES.sub(" ", FORBIDDEN.sub(" ", str(given or ""))).strip()
    return plain[:LONGEST].rstrip() or f"document-{number}"


def _format(kind: str, block: Mapping[str, Any], where: str) -> str:
    mime = str(block.get("mime_type") or "").partition(";")[0].strip().lower()
    if not mime and isinstance(url := block.get("url"), str):
        # In S3 the name tells.
        end = url.rpartition(".")[2].lower()
        mime = {"jpg": "jpeg", "3gp": "three_gp"}.get(end, end)
    form = OF_MIME[kind].get(mime, mime if mime in FORMATS[kind] else "")
    if not form and not mime and kind in ("document", "image"):
        form = "pdf" if kind == "document" else "png"
    if not form:
        known = ", ".join(FORMATS[kind])
        raise ConfigurationError(
            f"{where}: mime_type={block.get('mime_type')!r} is none this provider takes: {known}"
        )
    return form


def _source(kind: str, block: Mapping[str, Any], where: str) -> Block:
    if (data := block.get("base64")) is not None:
        return {"bytes": data}
    url = block.get("url")
    if isinstance(url, str) and url.startswith("s3://"):
        extras: Mapping[str, Any] = block.get("extras") or {}
        owner = block.get("bucket_owner") or extras.get("bucket_owner")
        return {"s3Location": {"uri": url} | ({"bucketOwner": owner} if owner else {})}
    raise ConfigurationError(
        f"{where}: this provider fetches no {kind}s: give its bytes, as `base64`, or where it lies "
        'in S3, as url="s3://…"'
    )
