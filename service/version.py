"""Which version this is."""

from __future__ import annotations

from importlib import metadata


def installed_version() -> str:
    """The installed version, or ``0`` where the code runs without being installed."""
    try:
        return metadata.version("pullquote")
    except metadata.PackageNotFoundError:
        return "0"
