"""Question and passages in, candidate answers out: model runtime, decoding, training recipe, weights."""

import corpus  # noqa: F401 - switches Haystack's telemetry off before anything here imports Haystack
