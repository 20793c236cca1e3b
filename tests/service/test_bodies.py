from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest
from starlette.requests import Request
from starlette.types import Message

from service.bodies import parsed, read_body
from service.problems import Refused
from service.schemas import ChatRequest


class _Endless:
    """A client that sends 100 bytes at a time and never ends."""

    def __init__(self) -> None:
        self.sent = 0

    async def receive(self) -> Message:
        self.sent += 100
        return {"type": "http.request", "body": b" " * 100, "more_body": True}

    def request(self, *headers: tuple[bytes, bytes]) -> Request:
        return Request({"type": "http", "method": "POST", "path": "/", "headers": list(headers)}, self.receive)


def test_an_endless_body_is_read_no_further_than_its_limit() -> None:
    client = _Endless()
    with pytest.raises(Refused) as refused:
        asyncio.run(read_body(client.request(), 1_000))
    assert refused.value.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert refused.value.headers == {"Connection": "close"}
    assert client.sent == 1_100


@pytest.mark.parametrize("announced", [b"1001", b"9" * 5_000])
def test_nothing_is_read_of_a_body_that_announces_too_much(announced: bytes) -> None:
    client = _Endless()
    with pytest.raises(Refused):
        asyncio.run(read_body(client.request((b"content-length", announced)), 1_000))
    assert client.sent == 0


def test_no_more_than_three_fields_are_named() -> None:
    unknown = ", ".join(f'"field{number}": 1' for number in range(9))
    with pytest.raises(Refused) as refused:
        parsed(ChatRequest, f'{{"question": "How long?", {unknown}}}'.encode())
    assert str(refused.value).count("unknown field") == 3


def test_the_name_of_an_unknown_field_is_cut() -> None:
    with pytest.raises(Refused) as refused:
        parsed(ChatRequest, f'{{"question": "How long?", "{"x" * 100_000}": 1}}'.encode())
    assert len(str(refused.value)) < 300
