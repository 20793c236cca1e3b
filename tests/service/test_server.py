from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import pytest

from corpus.errors import SettingsError
from service import cli
from service.server import listen

ROOT = Path(__file__).parents[2]

# The command itself, around an answerer that takes half a second for a question.
PROGRAM = """
import signal, sys, time
from service import cli
from tests.service.standin import StandIn

signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background inherit that it is ignored

class Slow(StandIn):
    def ask(self, ask):
        print("asked", flush=True)
        time.sleep(0.5)
        return super().ask(ask)
    def close(self):
        print("closed", flush=True)

cli.open_answerer = lambda *_, **__: Slow()
sys.exit(cli.main(["serve", "--port", "0", "--json"]))
"""


@contextmanager
def _serving(program: str = PROGRAM) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())["url"]
        finally:
            process.kill()


def _until_ready(url: str) -> None:
    give_up = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(f"{url}/readyz", timeout=20).close()  # noqa: S310 - this test's own server
        except urllib.error.HTTPError as error:
            error.close()
            assert time.monotonic() < give_up
        else:
            return


def _ask(url: str) -> tuple[int, str]:
    body = b'{"question": "How long?"}'
    with urllib.request.urlopen(f"{url}/v1/chat", body, timeout=20) as response:  # noqa: S310 - this test's own server
        return response.status, json.load(response)["answer"]


def test_ctrl_c_ends_what_is_at_work_and_is_clean() -> None:
    with _serving() as (process, url), ThreadPoolExecutor() as pool:
        _until_ready(url)
        asking = pool.submit(_ask, url)
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGINT)
        assert asking.result() == (HTTPStatus.OK, "20 years")
        out, err = process.communicate(timeout=20)
        assert process.returncode == cli.INTERRUPTED
        assert out == "closed\n"
        assert "Traceback" not in err
        assert err.endswith("stopped\n")


def test_a_request_to_stop_is_clean() -> None:
    with _serving() as (process, url):
        _until_ready(url)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert process.returncode == -signal.SIGTERM
        assert out == "closed\n"
        assert "Traceback" not in err


def test_a_body_that_is_too_large_closes_the_connection() -> None:
    with _serving() as (_, url):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            head = f"POST /v1/chat HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n"
            connection.sendall(head.encode("ascii"))
            chunk = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
            with pytest.raises(OSError, match=r"reset|pipe"):
                connection.sendall(chunk * 10_000)


def test_what_is_sent_in_parts_does_not_wait_for_acknowledgements() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1, port {port}: .*in use.*--port"), listen("127.0.0.1", port):
            pass


def test_a_taken_port_exits_with_1_before_a_model_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def open_answerer(*_: object, **__: object) -> None:
        raise AssertionError("the models were loaded")

    monkeypatch.setattr(cli, "open_answerer", open_answerer)
    with listen("127.0.0.1", 0) as taken:
        assert cli.main(["serve", "--port", str(taken.getsockname()[1])]) == cli.ERROR
    assert "--port" in capsys.readouterr().err


def test_the_log_tells_nothing_of_haystacks_components() -> None:
    program = PROGRAM.replace(
        "time.sleep(0.5)", "import logging; logging.getLogger('haystack.core.pipeline').info('Running component')"
    )
    with _serving(program) as (process, url):
        _until_ready(url)
        assert _ask(url) == (HTTPStatus.OK, "20 years")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert "uvicorn" in err
        assert "Running component" not in err
