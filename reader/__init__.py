"""Question and passages in, candidate answers out: model runtime, decoding, training recipe, weights."""
