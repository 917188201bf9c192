# One image for web, worker and beat; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 \
        postgresql-client \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements/base.txt requirements/s3.txt requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r requirements/base.txt \
    && pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r requirements/s3.txt

COPY . .
# The key of this one step is thrown away; a running container takes its own from the environment.
RUN JIEBANG_SECRET_KEY=only-while-building JIEBANG_VAR=/app/var python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --home-dir /app jiebang \
    && mkdir -p /data/media /data/backups \
    && chown -R jiebang /data /app/var

USER jiebang
ENV PYTHONUNBUFFERED=1 JIEBANG_MEDIA=/data/media
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--timeout", "60", "--graceful-timeout", "30", "--no-control-socket"]
