#!/usr/bin/env bash
# go build with the arguments given, and a line that counts: on a cold cache it compiles some five hundred packages, for minutes.
set -euo pipefail
live=0; [ -t 1 ] && live=1
"${GO:-go}" build -v "$@" 2>&1 | awk -v live="$live" '
  function show() { if (live) { printf "\r  %d downloaded, %d compiled ", d, n; fflush() } else if ((d + n) % 100 == 0) { printf "  %d downloaded, %d compiled\n", d, n; fflush() } }
  /^go: downloading / { d++; show(); next }
  /^[A-Za-z0-9_.~\/-]+$/ { n++; show(); next }
  { if (live && d + n) printf "\n"; print; fflush() }
  END { if (live && d + n) printf "\n" }'
