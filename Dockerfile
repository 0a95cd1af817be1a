# Terrace as a small image that runs as nobody in particular. Build: docker build -t terrace .
FROM swift:6.2-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      libxml2-dev libcurl4-openssl-dev libsqlite3-dev libzstd-dev zlib1g-dev libssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
COPY Benchmarks Benchmarks
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product terrace \
    && install -D .build/release/terrace /out/terrace && strip /out/terrace

FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
      libxml2 libcurl4 libsqlite3-0 libzstd1 zlib1g libssl3 ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/terrace --create-home terrace
COPY --from=build /out/terrace /usr/local/bin/terrace
COPY Pipelines /etc/terrace/Pipelines
USER 10001
ENV TERRACE_HOME=/var/lib/terrace/home
VOLUME /var/lib/terrace
WORKDIR /etc/terrace
STOPSIGNAL SIGTERM
ENTRYPOINT ["terrace"]
CMD ["status"]
LABEL org.opencontainers.image.title="Terrace" \
      org.opencontainers.image.licenses="Apache-2.0"
