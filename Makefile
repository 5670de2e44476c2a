# Okno. "make" lists what there is; each target installs what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:

GO  ?= go
NPM ?= npm

# In continuous integration nobody looks at colours.
ifeq ($(CI),true)
export NO_COLOR = 1
endif

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X main.version=$(VERSION)
NPM_CI   = $(NPM) ci --silent --no-audit --no-fund --ignore-scripts

GOLANGCI_VERSION := v2.13.1
GOLANGCI         := bin/golangci-lint-$(GOLANGCI_VERSION)

WEB_SRC    := $(shell find web/src web/public web/index.html web/package.json web/tsconfig.json web/vite.config.ts -type f 2>/dev/null)
WIDGET_SRC := $(shell find widget/src widget/build.mjs widget/package.json widget/tsconfig.json -type f 2>/dev/null)
CLIENTS    := $(patsubst %/package-lock.json,%/node_modules/.package-lock.json,$(wildcard internal/standin/*/clienttest/package-lock.json))

# Tests in which goroutines meet run with the race detector, the others without:
# it makes them several times slower and the embedded SQLite far more than that.
RACED := ./internal/access/... ./internal/account/... ./internal/channel/... ./internal/egress/... \
	./internal/httpapi/... ./internal/inbox/... ./internal/standin/... ./internal/telephony/sip/... ./internal/webhook/...

# Tests of what is made with a C library: libopus.
NATIVE := ./internal/telephony/media/...

.PHONY: help
help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: run
run: build ## build everything and start a demo company
	@exec bin/okno serve --demo --data-dir ./demo-data

.PHONY: build
build: bin/okno ## the program with workspace and widget inside: bin/okno

.PHONY: bin/okno
bin/okno: tools web/dist/index.html widget/dist/widget.js
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/okno

.PHONY: tools
tools:
	@scripts/version.sh $(GO) 1.26 "$(GO) version"
	@scripts/version.sh node 20.19 "node --version"

# --- workspace and widget -----------------------------------------------------

%/node_modules/.package-lock.json: %/package-lock.json
	@echo "npm ci in $*"
	@cd $* && $(NPM_CI)
	@touch $@

web/dist/index.html: $(WEB_SRC) web/node_modules/.package-lock.json
	@echo "building the workspace"
	@cd web && $(NPM) run --silent build -- --logLevel warn
	@touch $@

widget/dist/widget.js: $(WIDGET_SRC) widget/node_modules/.package-lock.json
	@echo "building the widget"
	@cd widget && $(NPM) run --silent build
	@touch $@

.PHONY: check-web
check-web: web/node_modules/.package-lock.json widget/node_modules/.package-lock.json
	@echo "workspace: Biome, tsc"
	@cd web && $(NPM) run --silent lint
	@echo "widget: tsc"
	@cd widget && $(NPM) run --silent check

OKNO_OPENAPI = bin/okno openapi | node web/openapi/generate.mjs

.PHONY: api-types
api-types: build web/openapi/node_modules/.package-lock.json ## web/src/api/schema.ts, from what the program says of its API
	@$(OKNO_OPENAPI)

.PHONY: check-api
check-api: build web/openapi/node_modules/.package-lock.json
	@echo "workspace: types of the API"
	@$(OKNO_OPENAPI) --check

# --- tests ----------------------------------------------------------------------

.PHONY: test
test: test-needs check-web test-web build check-api test-go e2e ## everything: types, unit, contract, fault and browser tests
	@echo "All tests have passed."

.PHONY: test-needs
test-needs: tools $(CLIENTS)
	@scripts/need.sh chromium=chromium '/usr/lib/postgresql/*/bin/initdb=postgresql' \
		ffmpeg=ffmpeg opusinfo=opus-tools gcc=gcc /usr/include/stdlib.h=libc6-dev git=git curl=curl \
		'/usr/lib/*/libopus.a=libopus-dev' sipp=sip-tester baresip=baresip-core svmap=sipvicious

.PHONY: test-web
test-web: web/node_modules/.package-lock.json widget/node_modules/.package-lock.json
	@cd web && $(NPM) run --silent test
	@cd widget && $(NPM) run --silent test

.PHONY: test-go
test-go: web/dist/index.html widget/dist/widget.js
	CGO_ENABLED=0 $(GO) vet -trimpath ./...
	CGO_ENABLED=0 $(GO) test -trimpath -timeout 15m $$($(GO) list ./... | grep -vxFf <($(GO) list $(RACED) $(NATIVE) 2>/dev/null; $(GO) list ./e2e/... 2>/dev/null))
	CGO_ENABLED=1 $(GO) test -trimpath -timeout 15m $$($(GO) list $(NATIVE) 2>/dev/null)
	$(GO) test -race -timeout 15m $$($(GO) list $(RACED) 2>/dev/null)

.PHONY: e2e
e2e: test-needs build e2e/browser/node_modules/.package-lock.json ## the real program: killed under load, and with real browsers
	OKNO_BINARY=$(CURDIR)/bin/okno $(GO) test -count=1 -timeout 20m ./e2e/...
	cd e2e/browser && OKNO_BINARY=$(CURDIR)/bin/okno $(NPM) run --silent test

.PHONY: fault
fault: build ## kill the server 50 times under load (KILLS=n)
	OKNO_BINARY=$(CURDIR)/bin/okno OKNO_KILLS=$(or $(KILLS),50) $(GO) test -count=1 -v -run TestKill -timeout 60m ./e2e/fault/

.PHONY: lint
lint: $(GOLANGCI) check-web ## golangci-lint, the order of the packages, Biome, tsc
	@scripts/need.sh gcc=gcc /usr/include/stdlib.h=libc6-dev '/usr/lib/*/libopus.a=libopus-dev'
	$(GOLANGCI) run
	$(GO) test -count=1 ./internal/archtest/

$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_VERSION) (once)"
	@mkdir -p bin/tmp
	@GOBIN=$(CURDIR)/bin/tmp GOFLAGS=-mod=mod $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv bin/tmp/golangci-lint $@ && rmdir bin/tmp

# --- figures, documents, cleaning ---------------------------------------------------

.PHONY: bench
bench: build ## the figures of docs/performance.md (LISTS=conversations, MESSAGES=searched)
	OKNO_BINARY=$(CURDIR)/bin/okno $(GO) test -run '^$$' -bench . -timeout 60m ./e2e/bench/
	OKNO_LISTS=$(or $(LISTS),100000) $(GO) test -count=1 -v -run ListsOfMany -timeout 90m ./internal/store/
	OKNO_BENCH_MESSAGES=$(or $(MESSAGES),1000000) $(GO) test -run '^$$' -bench Index -timeout 120m ./internal/store/searchindex/

.PHONY: docs
docs: ## docs/reference, from what the program says of itself
	@$(GO) run ./scripts/docs

.PHONY: clean
clean: ## remove what was built (not demo-data, not node_modules)
	@rm -rf bin coverage.out
	@find web/dist widget/dist -mindepth 1 -not -name 'placeholder.*' -delete
