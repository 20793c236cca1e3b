"""What the service costs before the first question: megabytes installed, seconds until it is ready."""

from __future__ import annotations

import http.client
import importlib
import socket
import subprocess
import sys
import tempfile
import time
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from corpus.errors import SettingsError


def installed_bytes(name: str, packages: tuple[str, ...] = ()) -> int:
    """Size of a distribution and of all it needs to run: its requirements without extras, recursively.

    The Python interpreter is not counted. ``packages`` are the distribution's own importable
    packages: their folders are what is counted for it, for an editable install lists no files.

    Raises:
        SettingsError: if the distribution, or one it needs, is not installed.
    """
    sizes = {key: _listed_bytes(found) for key, found in closure(name).items()}
    if packages:
        sizes[canonicalize_name(name)] = sum(_folder_bytes(package) for package in packages)
    return sum(sizes.values())


def closure(name: str) -> dict[str, Distribution]:
    """The distribution and every one it needs on this platform, by canonical name.

    Raises:
        SettingsError: if one of them is not installed.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(name, "")]
    while waiting:
        wanted, extra = waiting.pop()
        key = (canonicalize_name(wanted), extra)
        if key in seen:
            continue
        seen.add(key)
        try:
            found[key[0]] = distribution(wanted)
        except PackageNotFoundError as error:
            raise SettingsError(
                f"{wanted} is not installed, so its size is unknown; run: pip install {name}"
            ) from error
        for line in found[key[0]].requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting += [(requirement.name, chosen) for chosen in ("", *sorted(requirement.extras))]
    return found


def _listed_bytes(found: Distribution) -> int:
    paths = (Path(str(file.locate())) for file in found.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())


def _folder_bytes(package: str) -> int:
    roots = importlib.import_module(package).__path__
    return sum(file.stat().st_size for root in roots for file in Path(root).rglob("*") if file.is_file())


def seconds_until_ready(index: Path, timeout_s: float = 120.0) -> float:
    """Start ``pullquote serve`` in a process of its own and wait until ``/readyz`` says 200; then stop it.

    Raises:
        SettingsError: if the service ends, or is not ready in time; carries what it said.
    """
    port = _free_port()
    arguments = ["serve", "--index", str(index), "--host", "127.0.0.1", "--port", str(port)]
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        service = subprocess.Popen(  # noqa: S603 - our own command, no word of it from outside
            [sys.executable, "-m", "service", *arguments], stdout=said, stderr=said, stdin=subprocess.DEVNULL
        )
        try:
            while time.perf_counter() - begun < timeout_s:
                if _is_ready(port):
                    return time.perf_counter() - begun
                if service.poll() is not None:
                    break
                time.sleep(0.02)
            problem = f"was not ready within {timeout_s:g} s" if service.poll() is None else "ended before it was ready"
        finally:
            _stop(service)
        said.seek(0)
        words = said.read().decode("utf-8", "replace").strip()[-2000:]
        raise SettingsError(f"pullquote serve {problem}; it said: {words or 'nothing'}")


def _stop(service: subprocess.Popen[bytes]) -> None:
    service.terminate()
    try:
        service.wait(timeout=10)
    except subprocess.TimeoutExpired:
        service.kill()
        service.wait()


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
