# One static binary in an otherwise empty image: nothing to update but the binary, and no shell
# for anybody who gets in.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/convoke ./cmd/convoke
# A folder that the unprivileged user may write; the empty image has no way to make one.
RUN mkdir -p /out/data /out/tmp && chmod 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build /out/convoke /convoke
USER 65532:65532
ENV CONVOKE_DATA=/data CONVOKE_LISTEN=0.0.0.0:8080 CONVOKE_LOG_FORMAT=json
VOLUME ["/data"]
EXPOSE 8080
# Asks /healthz of this very container; the worker answers there, too.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 CMD ["/convoke", "health"]
ENTRYPOINT ["/convoke"]
CMD ["serve"]
