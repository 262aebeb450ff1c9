#!/usr/bin/env bash
# The demo hub with everything reloading as you edit: the front end in the browser at once (Vite), the server when Go code,
# SQL or templates change. A change that does not compile leaves the running server as it is and says what is wrong.
#
#   MULTAQA_DEV_PORT   where to open the browser (5173)
#   MULTAQA_ADDR       where the server listens behind it (127.0.0.1:8080)
#   MULTAQA_DATA       the demo's data (data-dev); delete the folder to begin anew
set -euo pipefail
cd "$(dirname "$0")/.."
port=${MULTAQA_DEV_PORT:-5173}
export MULTAQA_ADDR=${MULTAQA_ADDR:-127.0.0.1:8080} MULTAQA_DATA=${MULTAQA_DATA:-data-dev}
export MULTAQA_BASE_URL=http://localhost:$port MULTAQA_DEBUG_ADDR=${MULTAQA_DEBUG_ADDR:-off}
export MULTAQA_DEV_TARGET=http://$MULTAQA_ADDR
mkdir -p bin frontend/dist
[ -f frontend/dist/index.html ] || touch frontend/dist/.gitkeep # the server embeds the folder

server="" vite=""
cleanup() {
  trap - EXIT INT TERM
  [ -n "$vite" ] && kill "$vite" 2>/dev/null || true
  [ -n "$server" ] && kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start() {
  echo "• building the server"
  touch bin/.dev
  go build -o bin/server-dev.new ./cmd/server || { echo "• not built; the server from before runs on"; return 0; }
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  mv bin/server-dev.new bin/server-dev
  bin/server-dev demo & server=$!
}
changed() { find cmd pkg frontend/*.go -type f -newer bin/.dev -print -quit; }

start
# The binary itself, so that ending this script ends it too.
(cd frontend && exec node_modules/.bin/vite --port "$port" --strictPort --clearScreen false) & vite=$!
while kill -0 "$vite" 2>/dev/null; do
  if [ -n "$(changed)" ]; then start; fi
  sleep 1
done
echo "• the front end's server ended"
exit 1
