"""Every setting, each also an environment variable ``PULLQUOTE_…``; docs/settings.md is the table."""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from answering.types import MIN_CONFIDENCE
from corpus.errors import SettingsError
from retrieval.places import KEY_VARIABLE, ClusterPlace

PREFIX = "PULLQUOTE_"

Count = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """What can be set, with its default and its range."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, populate_by_name=True
    )

    index: Path = Field(default=Path(".pullquote"), description="folder of the index")
    encoder: Path | None = Field(default=None, description="folder of another encoder; unset: the one shipped")
    reader: Path | None = Field(default=None, description="folder of another reader; unset: the one shipped")
    calibration: Path | None = Field(
        default=None, description="file that makes confidences of this folder's questions; unset: the one shipped"
    )

    store: Literal["sqlite", "qdrant"] = Field(default="sqlite", description="where the index is")
    # By the names that Qdrant's users know; PULLQUOTE_STORE says whether they count.
    qdrant_url: str | None = Field(
        default=None,
        validation_alias="QDRANT_URL",
        pattern=r"^(local|https?://[^\s/@]+(/\S*)?)$",
        description="address of a node of the cluster",
    )
    qdrant_api_key: SecretStr | None = Field(
        default=None, validation_alias=KEY_VARIABLE, description="key that the cluster asks for"
    )
    qdrant_collection: str = Field(
        default="pullquote",
        validation_alias="QDRANT_COLLECTION",
        pattern=r"^[A-Za-z0-9._-]{1,200}$",
        description="name of the index on the cluster",
    )
    qdrant_shards: Count | None = Field(
        default=None, validation_alias="QDRANT_SHARDS", description="parts that a new index is split into"
    )
    qdrant_replicas: Count | None = Field(
        default=None, validation_alias="QDRANT_REPLICAS", description="nodes that hold each part of a new index"
    )
    qdrant_exact: bool = Field(
        default=True, validation_alias="QDRANT_EXACT", description="whether every vector is compared"
    )

    top_k: int = Field(default=8, ge=1, le=200, description="passages read for a question")
    min_confidence: float = Field(
        default=MIN_CONFIDENCE,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="least confidence at which an answer is given",
    )

    threads: int = Field(default=2, ge=1, le=64, description="processor threads that one question is read with")
    concurrency: int = Field(default=1, ge=1, le=64, description="questions read at the same time")
    queue: int = Field(default=16, ge=0, le=10_000, description="requests that may wait for their turn")

    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65_535, description="port to listen on; 0: any that is free")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="host names the service is reached by, separated by commas"
    )
    public_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s/]+(/\S*)?$", description="address people reach the service at, in links"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level that is logged"
    )

    max_question_chars: Count = Field(default=2_000, description="longest question")
    max_history_turns: int = Field(default=20, ge=0, description="most earlier turns in one request")
    max_history_chars: int = Field(default=16_000, ge=0, description="longest history, all turns together")
    max_chat_body_bytes: Count = Field(default=256 * 1024, description="largest body of a question")
    max_article_body_bytes: Count = Field(default=20_000_000, description="largest body of an article")

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value

    @property
    def cluster(self) -> ClusterPlace | None:
        """Where the index is on a cluster; None where it is a file."""
        if self.store == "sqlite" or self.qdrant_url is None:
            return None
        key = self.qdrant_api_key
        return ClusterPlace(
            self.qdrant_url,
            None if key is None else key.get_secret_value(),
            self.qdrant_collection,
            self.qdrant_shards,
            self.qdrant_replicas,
            self.qdrant_exact,
        )

    @property
    def is_local(self) -> bool:
        """Whether the service listens on a loopback address only."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def variable(name: str) -> str:
    """The environment variable of the setting ``name``."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else PREFIX + name.upper()


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Settings from the environment; ``overrides`` (the command line's) win, where they are not None.

    Raises:
        SettingsError: if a ``PULLQUOTE_…`` variable names no setting, or a value cannot be.
    """
    known = {variable(name) for name in Settings.model_fields}
    for found in sorted(os.environ):
        if found.upper().startswith(PREFIX) and found.upper() not in known:
            bare = found.upper().removeprefix(PREFIX)
            nearest = bare if bare in known else difflib.get_close_matches(found.upper(), sorted(known), 1, cutoff=0)[0]
            raise SettingsError(
                f"the environment variable {found} is no setting; the nearest one is {nearest}. "
                "Rename or unset it; docs/settings.md lists them all"
            )
    try:
        settings = Settings(**{name: value for name, value in (overrides or {}).items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        named = str(first["loc"][0])
        name = next((field for field in Settings.model_fields if variable(field) == named), named)
        raise SettingsError(
            f"the setting {name} (environment variable {variable(name)}) cannot be {first['input']!r}: "
            f"{first['msg'][:1].lower()}{first['msg'][1:]}. docs/settings.md says what it can be"
        ) from error
    if settings.store == "qdrant" and settings.qdrant_url is None:
        raise SettingsError(
            "PULLQUOTE_STORE is qdrant, but QDRANT_URL is not set: set it to the address of a node, http(s)://…, or to "
            "local to try it without a cluster"
        )
    return settings
