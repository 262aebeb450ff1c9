#!/usr/bin/env bash
# The browser tests, two files at a time: most of a file is waiting for a page. The demo network is made once and copied for each.
set -euo pipefail
cd "$(dirname "$0")/../frontend"
seeded=$(mktemp -d)
trap 'rm -rf "$seeded"' EXIT
node e2e/seed.mjs "$seeded"
MULTAQA_SEEDED=$seeded node --test --test-concurrency=2 e2e/*.test.mjs
