"""Passages in, ranked hits out: encoder, store, fusion, and the Haystack retriever component."""

import corpus  # noqa: F401 - switches Haystack's telemetry off before anything here imports Haystack
