# Two commands are enough: `make serve` and `make test`.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: serve test lint eval baseline bench clean help

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

serve: .venv/serve.stamp ## install what serving needs (no torch), index seeds/, serve on http://127.0.0.1:8000
	.venv/bin/pullquote index seeds
	.venv/bin/pullquote serve --host $(HOST) --port $(PORT)

test: .venv/test.stamp ## install what the tests need, and run them all; those of the page need /usr/bin/chromium
	.venv/bin/python -m pytest

lint: .venv/test.stamp ## style and types
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

eval: .venv/serve.stamp ## gold questions on the seeds, beside the committed baseline; fails if WORSE
	.venv/bin/pullquote eval --check

baseline: .venv/serve.stamp ## accept today's answers: new baseline, peers' records, and the README's table
	.venv/bin/pullquote eval --accept
	for peer in reader-only bm25-first-sentence; do \
		.venv/bin/pullquote eval --system $$peer --accept evals/baselines/seeds.$$peer.json || exit 1; done
	.venv/bin/pullquote eval table --write README.md

bench: .venv/test.stamp ## ours beside stock Haystack, in one run
	.venv/bin/python -m reader.training.restore
	.venv/bin/pullquote bench

clean: ## remove the environment and the index
	rm -rf .venv .pullquote

.venv/bin/python:
	$(PYTHON) -m venv .venv

# The constraints pin every version that was tested together.
.venv/serve.stamp: pyproject.toml constraints.txt | .venv/bin/python
	.venv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/test.stamp: pyproject.toml constraints.txt | .venv/bin/python
	.venv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[models,qdrant,test]'
	@touch $@ .venv/serve.stamp
