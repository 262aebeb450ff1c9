# syntax=docker/dockerfile:1
# Three stages: the front end, the program with the front end inside, and an
# image that holds nothing but the program, run by a user without rights.

FROM node:22-bookworm-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM golang:1.26-bookworm AS program
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd/ cmd/
COPY pkg/ pkg/
COPY frontend/embed.go frontend/
COPY frontend/src/styles/ frontend/src/styles/
COPY --from=frontend /src/frontend/dist/ frontend/dist/
# Static: no C library, no shell. /data is made here because the last image
# has no program that could make it.
RUN CGO_ENABLED=0 go build -tags nomsgpack -trimpath -ldflags='-s -w -X runtime.godebugDefault=schedtrace=2147483647' -o /out/server ./cmd/server \
 && mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=program /out/server /server
COPY --from=program --chown=nonroot:nonroot /out/data /data
USER nonroot:nonroot
ENV MULTAQA_DATA=/data \
    MULTAQA_ADDR=0.0.0.0:8080 \
    MULTAQA_DEBUG_ADDR=127.0.0.1:8081
VOLUME /data
EXPOSE 8080
# A stop drains sockets: give it MULTAQA_DRAIN_TIME and a little more.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/server"]
CMD ["serve"]
