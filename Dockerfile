# Two stages, so that the build tools are left behind. Dependencies come before the source, so that a change of the
# source reuses their layer.
FROM python:3.12.12-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY pyproject.toml requirements.lock /build/
RUN python -c 'import tomllib; p = tomllib.load(open("/build/pyproject.toml", "rb"))["project"]; print(*p["dependencies"], *p["optional-dependencies"]["postgres"], sep="\n")' \
        > /build/requirements.txt \
    && pip install -c /build/requirements.lock -r /build/requirements.txt


FROM python:3.12.12-slim-bookworm

# Nothing is written outside /data, not even SQLite's temporary files, so the root can be read-only:
#   docker run --read-only -v papers:/data -e DISCORD_TOKEN -e PAPERS_ARXIV__CONTACT IMAGE
# The environment overrides /data/config.yaml, so change the three keys with -e.
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PAPERS_DATABASE__URL=sqlite:////data/papers.db \
    PAPERS_HTTP__HOST=0.0.0.0 \
    PAPERS_HTTP__PORT=8080 \
    SQLITE_TMPDIR=/data

RUN install -d -o 10001 -g 10001 /data
COPY --from=build /venv /venv
COPY bot /app/bot
COPY cogs /app/cogs

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM

# The first start may take a while, with Discord and a large database. After that, three silent minutes are too many.
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; p = os.environ['PAPERS_HTTP__PORT']; p == '0' or r.urlopen('http://127.0.0.1:' + p + '/healthz', timeout=8)"]

ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
