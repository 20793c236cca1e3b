"""What docs/api.md and docs/settings.md say is what there is, and all of it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import yaml
from fastapi.routing import APIRoute
from pydantic import BaseModel

from service import feedback, lookups, monitoring, schemas, uploads
from service.cli import main
from service.openai import schemas as openai_schemas
from service.openai.routes import router as openai_router
from service.routes import router
from service.settings import Settings, load_settings, variable

DOCS = Path(__file__).parents[2] / "docs"
API = (DOCS / "api.md").read_text("utf-8")
SETTINGS = (DOCS / "settings.md").read_text("utf-8")


def _models() -> dict[str, set[str]]:
    """Every model of the contract that has fields of its own, and their names."""
    return {
        name: set(model.model_fields)
        for module in (schemas, openai_schemas)
        for name, model in inspect.getmembers(module, inspect.isclass)
        if issubclass(model, BaseModel) and model.__module__ == module.__name__ and model.model_fields
    }


def _documented() -> dict[str, set[str]]:
    """The first table under each heading that ends in a model's name, and the names in its first column."""
    sections = re.split(r"^#{2,3} (?:.*: )?(\w+)$", API, flags=re.MULTILINE)
    found: dict[str, set[str]] = {}
    for name, text in zip(sections[1::2], sections[2::2], strict=True):
        table = re.search(r"^\| Field .*\n(?:\|.*\n)+", text, re.MULTILINE)
        if table:
            found[name] = set(re.findall(r"^\| `(\w+)` \|", table[0], re.MULTILINE))
    return found


def test_every_field_is_documented_and_every_documented_field_exists() -> None:
    models, documented = _models(), _documented()
    # Its fields stand with the list they page.
    assert models.pop("Page") <= documented["ArticleList"]
    # What both kinds of response share is documented once, with the answer.
    documented["NotFoundResponse"] |= {"id", "question", "searched", "asked_on", "index", "timings_ms"}
    assert documented == models


def test_every_route_is_documented_and_every_documented_route_exists() -> None:
    routes = {
        f"{method} {route.path.replace(':path', '')}"
        for part in (router, openai_router, uploads.router, lookups.router, feedback.router, monitoring.router)
        for route in part.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert set(re.findall(r"^\| `([A-Z]+ /\S*)` \|", API, re.MULTILINE)) == routes


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    documented = re.findall(r"^\| `((?:PULLQUOTE|QDRANT)_\w+)` \|", SETTINGS, re.MULTILINE)
    assert sorted(documented) == sorted(variable(name) for name in Settings.model_fields)


def test_the_compose_file_sets_what_can_be_set() -> None:
    services = yaml.safe_load((DOCS / "qdrant" / "compose.yaml").read_text("utf-8"))["services"]
    nodes = {name for name in services if name.startswith("qdrant-")}
    assert len(nodes) == 3
    assert all(services[name]["environment"]["QDRANT__CLUSTER__ENABLED"] == "true" for name in nodes)
    given = services["pullquote"]["environment"]
    assert given.keys() <= {variable(name) for name in Settings.model_fields}
    cluster = Settings.model_validate({name.removeprefix("PULLQUOTE_").lower(): given[name] for name in given}).cluster
    assert cluster is not None
    assert (cluster.url, cluster.shards, cluster.replicas) == ("http://qdrant:6333", 6, 2)


def test_the_documented_defaults_are_the_defaults() -> None:
    settings = load_settings()
    for name, default in re.findall(r"^\| `(?:PULLQUOTE_)?(\w+)` \| (.*?) \|", SETTINGS, re.MULTILINE):
        value = getattr(settings, name.lower())
        unset = {"the one shipped", "none", "the cluster's"}
        assert default in ({f"`{value}`"} if value not in (None, ()) else unset), name


def test_the_documented_error_codes_are_those_of_the_code() -> None:
    package = Path(inspect.getfile(schemas)).parent
    written = "".join(file.read_text("utf-8") for file in sorted(package.rglob("*.py")))
    errors = Path(__file__).parents[2] / "corpus" / "errors.py"
    written += errors.read_text("utf-8")
    for codes in re.findall(r"^\| \d{3} \| (.*?) \|", API, re.MULTILINE):
        for code in re.findall(r"`(\w+)`", codes):
            assert f'"{code}"' in written, code


def test_the_documented_exit_codes_are_those_of_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    helped = re.findall(r"^  (\d+) +(.+)$", capsys.readouterr().out, re.MULTILINE)
    assert helped == re.findall(r"^\| (\d+) \| (.+) \|$", SETTINGS, re.MULTILINE)
