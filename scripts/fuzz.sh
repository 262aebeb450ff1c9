#!/usr/bin/env bash
# Runs every fuzz target, one after the other, so long each (60s): fuzz.sh [TIME] [REGULAR EXPRESSION OF NAMES]
# What one finds lies in the package's testdata/fuzz afterwards, and is a seed of its test from then on.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
while IFS=: read -r file name; do
  echo "• $name of $(dirname "$file")"
  go test "./$(dirname "$file")" -run '^$' -fuzz "^$name\$" -fuzztime "${1:-60s}" | grep -v '^fuzz: elapsed.*gathering' | tail -n 4
  [ "${PIPESTATUS[0]}" -eq 0 ] || failed=1
done < <(grep -rnoE '^func Fuzz[A-Za-z0-9]+' pkg --include='*_test.go' | sed -E 's/:[0-9]+:func /:/' | grep -E ":(${2:-.*})\$" | sort)
exit $failed
