#!/usr/bin/env bash
# The demo hub with the front end reloading as you edit. Restarts the server
# when Go code changes.
set -euo pipefail
(cd frontend && npx vite --port 5173) & vite=$!
server=""
trap 'kill $vite $server 2>/dev/null || true' EXIT
stamp() { find cmd pkg -name '*.go' -newer bin/.dev -print -quit; }
mkdir -p bin
while true; do
  touch bin/.dev
  go build -o bin/server-dev ./cmd/server && { MULTAQA_BASE_URL=http://localhost:5173 MULTAQA_DATA=data-dev bin/server-dev demo & server=$!; }
  while [ -z "$(stamp)" ]; do sleep 1; done
  [ -n "$server" ] && kill "$server" && wait "$server" 2>/dev/null || true
done
