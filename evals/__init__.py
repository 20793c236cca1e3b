"""Gold questions, measures, the runner, and the comparison with stock Haystack."""

import corpus  # noqa: F401 - before any import of Haystack: it switches telemetry off
