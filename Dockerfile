# The product as one image; compose.yaml says which processes run from it.
FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3.11 python3.11-venv make ca-certificates flite \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/understudy understudy
WORKDIR /opt/understudy
COPY . .
ARG TORCH_INDEX=""
RUN python3.11 config/install.py
ENV PATH=/opt/understudy/.venv/bin:$PATH PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=2
USER understudy
VOLUME /var/lib/understudy
