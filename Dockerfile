# syntax=docker/dockerfile:1
# The service as an image: docker build -t wp-sidecar .
# How it is run beside a WordPress: docs/containers.md

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock wp-schema.sql ./
COPY fixtures/demo.sql fixtures/
COPY src src
# What was fetched and built before is kept between builds, and no part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --bin wp-sidecar \
    && install -m 755 target/release/wp-sidecar /usr/local/bin/wp-sidecar

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="wp-sidecar" \
      org.opencontainers.image.description="Serves a WordPress site's mobile apps from the site's own database" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# Facebook's certificate is checked against them.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/bin/wp-sidecar /usr/local/bin/wp-sidecar
COPY --chmod=755 packaging/docker/is-ready /usr/local/bin/is-ready
# In a container, the container's network says who reaches it.
ENV WP_SIDECAR__SERVER__LISTEN=0.0.0.0:8080 \
    WP_SIDECAR__WORDPRESS__PATH=/var/www/html
# A number, so that Kubernetes can see that it is not root. It writes nothing.
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["is-ready"]
ENTRYPOINT ["wp-sidecar"]
CMD ["serve", "--log-format", "json"]
