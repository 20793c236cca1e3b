"""Passages in, ranked hits out: encoder, store, fusion, and the Haystack retriever component."""
