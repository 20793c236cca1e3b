"""What every test gets: no network beyond this machine (and QDRANT_URL's), and nothing of the person's settings."""

from __future__ import annotations

import os
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

# Whether a test passes must not hang on which examples were drawn that day.
settings.register_profile("seeded", derandomize=True)
settings.load_profile("seeded")

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# The cluster that a person gave for tests (tests/retrieval/indexes.py), by name and by address.
_CLUSTER = urlsplit(os.environ.get("QDRANT_URL", "")).hostname
_ALLOWED = _LOOPBACK | ({_CLUSTER, *(info[4][0] for info in socket.getaddrinfo(_CLUSTER, None))} if _CLUSTER else set())


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to any other machine is an error."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _ALLOWED:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not see the PULLQUOTE_ and QDRANT_ variables of whoever runs them."""
    for name in [name for name in os.environ if name.startswith(("PULLQUOTE_", "QDRANT_"))]:
        monkeypatch.delenv(name)
