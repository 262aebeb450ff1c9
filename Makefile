# Multaqa. `make` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0
export GO ?= go
# gin's MessagePack, which the hub does not speak, is a sixth of a cold build.
export GOFLAGS := -tags=nomsgpack -buildvcs=false $(GOFLAGS)
# The last one keeps the runtime's monitor thread at its slow pace between edits (decision 12).
LDFLAGS = -s -w -X runtime.godebugDefault=schedtrace=2147483647

.PHONY: help run build dev test test-go test-race test-front test-e2e test-e2e-slow lint soak bench bench-markdown bench-server bench-collab bench-fanout bench-rights bench-typing bench-threads bench-slider bench-together tools docs matrix clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

run: build ## build everything and open the demo network in Arabic
	@bin/server demo

build: frontend/dist/index.html ## make bin/server, front end inside
	@echo "• server"
	@scripts/build-server.sh -trimpath -ldflags="$(LDFLAGS)" -o bin/server ./cmd/server

frontend/node_modules/.package-lock.json: frontend/package.json frontend/package-lock.json
	@echo "• packages of the front end, and the server's beside them (three minutes on cold caches)"
	@scripts/build-server.sh -trimpath ./pkg/... & cd frontend && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error; s=$$?; wait; exit $$s
	@touch $@

FRONT := $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts -type f 2>/dev/null)
frontend/dist/index.html: frontend/node_modules/.package-lock.json $(FRONT)
	@echo "• front end"
	@cd frontend && node_modules/.bin/vite build --logLevel warn

dev: frontend/node_modules/.package-lock.json ## live reload: the demo at http://localhost:5173, server and front end follow your edits
	@scripts/dev.sh

tools: ## install what the tests need (Debian): a browser, PostgreSQL, Redis
	@scripts/tools.sh

test: tools build test-front test-go test-race test-e2e ## everything: rules, both databases, Redis, sockets, a real browser

test-front: frontend/node_modules/.package-lock.json ## types and unit tests of the front end
	@cd frontend && npm run --silent typecheck && npm run --silent test

test-go: tools ## Go tests on SQLite, PostgreSQL and Redis
	@scripts/with-services.sh $(GO) test -count=1 -timeout=40m ./...

# The race detector needs cgo; only the packages with goroutines of their own.
test-race: tools ## race detector over the concurrent packages
	@CGO_ENABLED=1 scripts/with-services.sh $(GO) test -count=1 -timeout=40m -short -race ./pkg/bus/... ./pkg/draft/... ./pkg/live/... ./pkg/ballot/...

test-e2e: tools build ## two people in a real browser
	@TMPDIR=$${TMPDIR:-/tmp} scripts/with-services.sh scripts/test-e2e.sh

# A read that races with the page passes on a fast machine and fails here; MULTAQA_SEED=2 draws other delays. No part of `make test`.
test-e2e-slow: tools build ## the browser tests with a quarter of the processor and answers up to 300 ms late
	@TMPDIR=$${TMPDIR:-/tmp} MULTAQA_SLOW=1 scripts/with-services.sh scripts/test-e2e.sh

lint: frontend/node_modules/.package-lock.json ## formatters and linters
	@test -z "$$(gofmt -l cmd pkg frontend/*.go)" || { gofmt -l cmd pkg; exit 1; }
	@$(GO) vet ./...
	@cd frontend && npm run --silent lint

# Tests that have a long version: each reads MULTAQA_SOAK.
SOAK = Soak|Differential|Simulator|TwoNodesBadBus|Convergence|StopAnywhere|TestKill|TestAbuse

soak: build tools ## the long figures, and every fuzz target for a minute; hours
	@MULTAQA_SOAK=1 scripts/with-services.sh $(GO) test -count=1 -timeout=6h -v -run '$(SOAK)' ./pkg/... ./cmd/...
	@scripts/fuzz.sh $${FUZZ_TIME:-60s}

bench: bench-markdown ## benchmarks of single parts, hostile Markdown among them
	@$(GO) test -run xxx -bench . -benchtime 2s ./pkg/changeset ./pkg/draft ./pkg/member ./pkg/textdiff

bench-markdown: ## hostile Markdown beside ordinary pages: 8 times their cost, or refused within 50 ms
	@$(GO) run ./bench/markdown -runs $${BENCH_RUNS:-3} -only "$${BENCH_ONLY:-}"

# The pages of the front end play no part here.
bench-server:
	@touch frontend/dist/.gitkeep
	@$(GO) build -trimpath -ldflags="$(LDFLAGS)" -o bin/server ./cmd/server

# BENCH_RUNS=1 for a quick look, BENCH_KILLS=100 for the long count, BENCH_ONLY=e10,e100 for some parts.
bench-collab: bench-server ## the living text beside Hocuspocus 4: CPU, latency, memory, bytes, kills
	@$(GO) run ./bench/collab -runs $${BENCH_RUNS:-3} -kills $${BENCH_KILLS:-10} -carets $${BENCH_CARETS:-edit} -only "$${BENCH_ONLY:-}" $(if $(BENCH_QUICK),-quick)

bench-fanout: bench-server ## one notice to 10,000 readers, beside gorilla and bare descriptors
	@$(GO) run ./bench/fanout -runs $${BENCH_RUNS:-3}

bench-rights: tools ## rights taken while a text is open: how long its sockets go on, on one node and on two
	@touch frontend/dist/.gitkeep
	@scripts/with-services.sh $(GO) test ./pkg/hubtest -run xxx -bench Rights -benchtime $${BENCH_TAKINGS:-100}x -timeout 1h

bench-typing: tools build ## a text of 500 KB in a real browser: opening, and the time from a key to its frame
	@cd frontend && node scripts/typing.mjs --kb $${BENCH_KB:-500}

bench-threads: tools build ## a text with 5,000 comments in a real browser: opening, scrolling, typing
	@cd frontend && node scripts/many-threads.mjs $${BENCH_THREADS:-5000}

bench-together: tools build ## a key and a comment from one real browser to another, alone and among 25 writers of 200 KB
	@cd frontend && node scripts/together.mjs

bench-slider: tools build ## a history of 100,000 updates in a real browser: from a move of the time slider to its text
	@cd frontend && node scripts/time-slider.mjs $${BENCH_UPDATES:-100000}

docs: ## print the generated pages anew (permissions, configuration)
	@$(GO) test ./pkg/hubtest -run 'Generated' -update

matrix: ## cells and leaks of the permission matrix: role, agency, state and route
	@$(GO) test ./pkg/hubtest -count=1 -run '^TestMatrix$$' -v | grep -E 'cells|^(ok|FAIL|---)|leak'

clean: ## remove what was built
	@rm -rf bin frontend/dist/assets frontend/dist/index.html
