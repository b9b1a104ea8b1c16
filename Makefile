# Two commands matter: make demo and make test. Both set up what they need.
GO ?= go
ACCEPT := core-corpus core-search core-kill core-lockdown

.PHONY: build demo test check unit race accept fuzz bench clean

build:
	$(GO) build -o ashiato ./cmd/ashiato

demo: build
	./ashiato --data "$${ASHIATO_DATA:-$(CURDIR)/dist/demo}" up --demo

test: check unit race accept

check:
	@test -z "$$(gofmt -l cmd internal)" || { gofmt -l cmd internal; echo "run gofmt -w on these"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

unit:
	$(GO) test -timeout 20m ./...

# packages with goroutines of their own, under the race detector
race:
	$(GO) test -race -short -timeout 20m ./internal/ingest ./internal/lake/... ./internal/engine/scan ./internal/source/... ./internal/web

accept:
	.ci/accept $(ACCEPT)

# each fuzz target for FUZZTIME
FUZZTIME ?= 5m
fuzz:
	@$(GO) list ./... | while read -r p; do \
	  for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$p || exit 1; done; done

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./internal/...

clean:
	rm -rf ashiato dist
