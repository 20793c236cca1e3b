from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import SettingsError
from retrieval.places import ClusterPlace
from service.settings import Settings, load_settings


def test_settings_come_from_the_environment_and_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_PORT", "9000")
    monkeypatch.setenv("PULLQUOTE_TOP_K", "7")
    settings = load_settings({"port": 9001, "index": None})
    assert (settings.port, settings.top_k, settings.index) == (9001, 7, Path(".pullquote"))


def test_an_unknown_variable_is_an_error_that_names_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_MIN_CONFIDENSE", "0.5")
    with pytest.raises(SettingsError, match=r"PULLQUOTE_MIN_CONFIDENSE.*PULLQUOTE_MIN_CONFIDENCE"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("TOP_K", "0"),
        ("MIN_CONFIDENCE", "1.5"),
        ("MIN_CONFIDENCE", "nan"),
        ("CONCURRENCY", "many"),
        ("LOG_LEVEL", "loud"),
        ("QUEUE", "-1"),
        ("PUBLIC_URL", "example.org"),
    ],
)
def test_a_value_that_cannot_be_is_an_error_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PULLQUOTE_{name}", value)
    with pytest.raises(SettingsError, match=f"PULLQUOTE_{name}.*{value}"):
        load_settings()


def test_zero_is_a_value_and_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_MIN_CONFIDENCE", "0")
    monkeypatch.setenv("PULLQUOTE_ENCODER", "")
    settings = load_settings({"port": 0})
    assert (settings.min_confidence, settings.port, settings.encoder) == (0.0, 0, None)


def test_allowed_hosts_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_ALLOWED_HOSTS", "news.example, ask.example,")
    assert load_settings().allowed_hosts == ("news.example", "ask.example")


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("box", False)],  # noqa: S104 - compared, not bound
)
def test_a_loopback_address_is_local(host: str, local: bool) -> None:
    assert load_settings({"host": host}).is_local is local


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_a_cluster_is_named_by_qdrants_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PULLQUOTE_STORE": "qdrant",
        "QDRANT_URL": "https://node.example:6333",
        "QDRANT_API_KEY": "secret",
        "QDRANT_COLLECTION": "news",
        "QDRANT_SHARDS": "6",
        "QDRANT_REPLICAS": "2",
        "QDRANT_EXACT": "false",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.cluster == ClusterPlace("https://node.example:6333", "secret", "news", 6, 2, exact=False)
    assert "secret" not in f"{settings!r}{settings.cluster!r}"


def test_without_the_store_being_qdrant_its_variables_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDRANT_URL", "http://node:6333")
    assert load_settings().cluster is None


def test_a_cluster_without_an_address_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_STORE", "qdrant")
    with pytest.raises(SettingsError, match="QDRANT_URL is not set"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QDRANT_URL", "node:6333"),
        ("QDRANT_URL", "https://me:word@node"),
        ("QDRANT_COLLECTION", "a/b"),
        ("QDRANT_SHARDS", "0"),
    ],
)
def test_what_a_cluster_cannot_have_is_an_error_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"environment variable {name}"):
        load_settings()


def test_a_cluster_set_under_our_prefix_is_an_error_that_names_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_QDRANT_URL", "http://node:6333")
    with pytest.raises(SettingsError, match="the nearest one is QDRANT_URL"):
        load_settings()
