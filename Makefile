# make help lists the targets.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BINARY   = bin/cartwright

# No C compiler is needed anywhere; make race is the exception.
export CGO_ENABLED = 0

.PHONY: help run build test check fmt lint vet unit fuzz clients setup race bench bench-keep soak docs assets pictures clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## a sandbox with a sample store in ./data; settings from CARTWRIGHT_*
	@exec $(BINARY) demo

build: ## the binary, in bin/
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BINARY) ./cmd/cartwright

test: setup check unit clients fuzz ## everything a change must pass; installs what it needs on Debian

check: fmt vet lint ## gofmt, go vet and the linter

fmt:
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi

vet:
	go vet ./...

lint:
	.ci/lint

# The packages whose tests open a database: these run on SQLite with all others,
# and then on PostgreSQL. internal/arch knows when one is missing here.
ON_DATABASES = ./cmd/cartwright ./internal/app ./internal/csvimport ./internal/demo ./test/contract ./test/hostile ./test/keep

# A busy machine needs longer than the ten minutes for which Go waits for a package.
unit: ## all Go tests, and those that open a database on PostgreSQL too
	go test -timeout 30m ./...
	CARTWRIGHT_TEST_DATABASE=postgres go test -timeout 30m $(ON_DATABASES)

fuzz: ## ninety seconds, shared among all fuzz targets
	.ci/fuzz 90

clients: build ## published BigCommerce clients against the binary
	@for dir in test/*/; do \
		if [ -f "$$dir/package.json" ] && grep -q '"test":' "$$dir/package.json"; then \
			echo "npm test in $$dir"; \
			(cd "$$dir" && CARTWRIGHT_BINARY=$(CURDIR)/$(BINARY) npm test) || exit 1; \
		fi; \
	done

setup:
	@.ci/setup

race: ## all Go tests with the race detector; needs a C compiler
	CGO_ENABLED=1 go test -race -timeout 30m ./...

bench: ## the server beside the machine it runs on, on both engines
	go run ./bench

# One result for all three, so that they agree.
bench-keep: ## bench, kept in docs/bench.json, the picture and the table of README.md
	go run ./bench --json docs/bench.json --picture docs/pictures/speed.svg --readme README.md

soak: ## what takes long: histories with faults by chance, ten million carts on each engine (40 GB of disk)
	go test ./test/linear -run Linearizable -soak 10m -timeout 30m -v
	go run ./bench --only many,scan --carts 10000000

docs: ## docs/configuration.md from the flags
	go generate ./cmd/cartwright

assets: ## what pages embed for the browser, from the packages pinned beside it
	node scripts/assets.mjs

pictures: build ## docs/pictures, from a fresh demo in Chromium
	scripts/pictures.sh

clean: ## what make built; ./data stays
	rm -rf bin
