# Everything a developer runs. `make test` sets up what the tests need:
# PostgreSQL and MariaDB are found, started or installed.

SERVE   := go run ./fixtures/dbtest/serve --
TIMEOUT := $(if $(LONG),60m,15m)
# The race detector slows the databases down tenfold and more. So it watches the
# small packages whole, and of the large ones the tests in which goroutines meet.
RACE := go test -race -short -timeout $(TIMEOUT)
RACE_STORE := readers|the_lease|a_lost|deciding_while|many_decide|an_unpublished|index_pages
RACE_RUNS := ManyAppliers|InterruptedRun|Locked|ManyRecords|HugeRows|AnyOrder|PeopleInEveryStore|NewRecordsMatch
RACE_VERBS := Interrupted|Scripts/(apply_again|plan_saved|review_decide|match_estimate|init_demo|lookup_any|export_lists)
FUZZTIME := $(if $(LONG),60s,2000x)

.PHONY: help test short race race-tests fuzz lint bench cover release

help:
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

test: ## all tests, on real servers; LONG=1 adds the slow ones and a minute of each fuzzer
	$(SERVE) go test -timeout $(TIMEOUT) ./...
	$(if $(LONG),$(MAKE) fuzz)

short: ## the tests that take seconds, without servers
	go test -short ./...

race: ## what is concurrent, under the race detector (needs a C compiler)
	$(SERVE) $(MAKE) race-tests

race-tests:
	$(RACE) ./connectors/... ./mapping/delimited ./mapping/profile ./mapping/quality ./mapping/review ./mapping/sqldb ./mapping/translate ./rules/match ./cmd/xwalk/internal/...
	$(RACE) -run 'Same|Once|Open|Rank|Cancel' ./rules/match/similar
	$(RACE) -run 'TestStore/.*/($(RACE_STORE))|Discard' ./mapping/crosswalk
	$(RACE) -run '$(RACE_RUNS)' ./mapping/migrate
	$(RACE) -run '$(RACE_VERBS)' ./cmd/xwalk

fuzz: ## every fuzz target: 2000 inputs each, or a minute with LONG=1
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg; \
		done; \
	done

lint: ## gofmt, go vet and golangci-lint
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	golangci-lint run

bench: ## xwalk beside other tools, in one run; BENCH_ROWS=10000000 for more
	go run ./fixtures/bench

cover: ## test coverage, as dist/cover.html
	@mkdir -p dist
	$(SERVE) go test -timeout $(TIMEOUT) -coverpkg ./... -coverprofile dist/cover.out ./...
	go tool cover -html dist/cover.out -o dist/cover.html

release: ## static binaries for all systems, in dist/
	@set -e; mkdir -p dist; for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
		os=$${target%/*} arch=$${target#*/}; ext=; test $$os = windows && ext=.exe; \
		echo "dist/xwalk-$$os-$$arch$$ext"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '-s -w' -o "dist/xwalk-$$os-$$arch$$ext" ./cmd/xwalk; \
	done
	@cd dist && { sha256sum xwalk-* 2>/dev/null || shasum -a 256 xwalk-*; } > SHA256SUMS
