# Two stages: wheels are built and installed in the first, the second carries only what serves. No torch,
# no compiler; at run time nothing is fetched from anywhere.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/pullquote
COPY pyproject.toml constraints.txt README.md ./
COPY corpus corpus
COPY retrieval retrieval
COPY reader reader
COPY answering answering
COPY service service
COPY evals evals
# "[qdrant]" adds what an index on a cluster needs (docs/qdrant/compose.yaml).
ARG EXTRAS=""
RUN /opt/pullquote/bin/pip install --no-cache-dir -c constraints.txt ".${EXTRAS}"

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 pullquote && install -d -o pullquote /data
COPY --from=build /opt/pullquote /opt/pullquote
COPY --chown=pullquote seeds /seeds
ENV PATH=/opt/pullquote/bin:$PATH \
    PULLQUOTE_INDEX=/data/index \
    PULLQUOTE_HOST=0.0.0.0 \
    HAYSTACK_TELEMETRY_ENABLED=false \
    HF_HUB_OFFLINE=1
USER pullquote
RUN pullquote index /seeds
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["pullquote", "serve"]
