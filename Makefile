# What one does with Convoke. "make" alone lists it.
#
# Nothing needs C but the race detector; without this the go command would compile C wherever it
# finds a compiler.
export CGO_ENABLED = 0

TOOL    = go tool -modfile=internal/tools/go.mod
TESTENV = go run ./internal/testenv/cmd/testenv

# The browser tests drive a Chromium: the race detector would watch mostly that wait.
BROWSER = ./internal/browser/...
RACED   = $$(go list ./... | grep -v /internal/browser | tr '\n' ' ')

# The heart of the SQLite driver is a machine's translation of C. It is compiled without the race
# detector's checks, which make it many times slower and find nothing of ours in it. Only that one
# package: Go code that is left out shares its instances of generic functions (those of sync.Map)
# with the rest, and the detector then sees races where there are none. The checks of unsafe
# pointers, which come with the detector, are left out of the whole driver: such pointers are its trade.
RACE = env CGO_ENABLED=1 go test -race \
	-gcflags=modernc.org/...=-d=checkptr=0 '-gcflags=modernc.org/sqlite/lib=-race=false'

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: demo
demo: ## the whole system in one process with the 2017 cycle; needs nothing but Go
	go run ./cmd/convoke demo

.PHONY: test
test: ## every test, on both databases, real Redis and a real browser, with the race detector
	$(TESTENV) -need postgres,redis,chromium,axe,postfix,office,cc \
		-- $(RACE) -count=1 -timeout=15m $(RACED) \
		-- go test -count=1 -timeout=15m $(BROWSER)

.PHONY: test-fast
test-fast: ## the same without race detector and browser, from the cache where nothing changed
	$(TESTENV) -need postgres,redis,postfix,office -- go test -timeout=5m $(RACED)

# No check that go.mod is tidy: "go mod tidy" wants the tests of the modules that we use as well,
# and not every module proxy serves all of those.
.PHONY: lint
lint: ## format, vet, golangci-lint, unreachable code, words that must not be published
	go vet ./...
	$(TOOL) golangci-lint run ./...
	@unreached=$$($(TOOL) deadcode -test ./...) || exit 1; \
	if [ -n "$$unreached" ]; then echo "never called:"; echo "$$unreached"; exit 1; fi
	@$(MAKE) --no-print-directory words

# Places of one machine, unfinished work and registries have no business in the repository. The
# brackets keep this line from finding itself. Received documents and checksums are left alone.
WORDS = '(^|[^A-Za-z0-9._/-])/(wor[k]|roo[t]|hom[e])/|(//|\#|--) *(TO[D]O|FIX[M]E)|proxy[.]golang[.]or[g]|registry[.]npmj[s]'

.PHONY: words
words: ## words that must not be published
	@if grep -rnEI $(WORDS) . --exclude-dir=.git --exclude-dir=convoke-data --exclude-dir=bin \
		--exclude-dir=secrets --exclude-dir=node_modules --exclude='*.sum' --exclude='*.min.js' \
		--exclude='*.csv'; then \
		echo "these words must not be published"; exit 1; fi

.PHONY: fmt
fmt: ## format the code
	$(TOOL) golangci-lint fmt ./...

.PHONY: build
build: ## the static binary, into bin/
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/convoke ./cmd/convoke

.PHONY: bench
bench: ## the benchmarks, summed up; compare with "benchstat OLD bin/bench.txt"
	@mkdir -p bin
	$(TESTENV) -need postgres,redis -- sh -c "go test -run='^$$' -bench=. -benchmem -count=6 $(RACED) > bin/bench.txt"
	$(TOOL) benchstat bin/bench.txt

FUZZTIME ?= 10s

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (10s)
	@set -e; grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$file"); do \
			echo "$$(dirname "$$file") $$target"; \
			go test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) "$$(dirname "$$file")"; \
		done; done

.PHONY: secrets
secrets: ## passwords and keys for docker-compose.yml, into secrets/; keeps those that are there
	@mkdir -p secrets && chmod 700 secrets
	@for name in secret postgres_password; do \
		[ -s secrets/$$name ] || od -An -tx1 -N32 /dev/urandom | tr -d ' \n' > secrets/$$name; done
	@[ -s secrets/database_url ] || printf 'postgres://convoke:%s@postgres:5432/convoke?sslmode=disable' \
		"$$(cat secrets/postgres_password)" > secrets/database_url
	@chmod 444 secrets/*   # read by the containers' own users; the folder keeps others out

.PHONY: clean
clean: ## what building made; the demo's data stays
	rm -rf bin
