"""A question answered: the one place that knows retrieval and reader."""

import corpus  # noqa: F401 - switches Haystack's telemetry off before anything here imports Haystack
