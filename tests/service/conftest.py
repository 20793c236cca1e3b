from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.service.standin import StandIn, client_of


@pytest.fixture
def answerer() -> StandIn:
    return StandIn()


@pytest.fixture
def client(answerer: StandIn) -> Iterator[TestClient]:
    with client_of(answerer) as client:
        yield client
