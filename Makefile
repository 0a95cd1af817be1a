# Terrace. `make help` lists what there is.
SHELL := /bin/bash
SWIFT_FLAGS := --disable-sandbox
TERRACE := .build/release/terrace

.PHONY: help setup peers build run test check lint examples docs docs-check bench fuzz sanitize clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: ## Install the system packages that are missing (Debian)
	@scripts/setup

build: setup ## Build the program (.build/release/terrace)
	swift build -c release --static-swift-stdlib --product terrace

run: build ## Run the demo: sector systems on loopback, an embedded center, the balance
	$(TERRACE) demo

peers: setup ## Install what tests meet that is no part of Terrace (a Singer tap, into .build/peers)
	@scripts/peers

test: peers ## Run every test: the Swift suites and the tests of the pipelines
	swift build --build-tests
	swift test --skip-build --parallel
	.build/debug/terrace test -v

lint: ## Check the format of the sources
	@swift format lint --strict --recursive Package.swift Sources Tests Benchmarks docs/examples && echo "format: ok"

check: setup lint ## Everything CI wants: format, warnings as errors, imports, tests, generated files, samples
	TERRACE_STRICT=1 swift build --build-tests
	TERRACE_STRICT=1 swift test --skip-build --parallel
	.build/debug/terrace check -v
	.build/debug/terrace test -v
	$(MAKE) docs-check
	TERRACE_STRICT=1 $(MAKE) examples

examples: ## Compile and test the example package, and what 'terrace new' writes
	swift build --product terrace
	scripts/examples

docs: ## Write the generated reference (docs/reference)
	swift build --product terrace
	scripts/docs docs/reference

docs-check: ## Compare the generated reference with what stands
	@rm -rf .build/docs-check && scripts/docs .build/docs-check
	@for page in .build/docs-check/*; do diff -u docs/reference/$$(basename $$page) $$page \
	  || { echo "docs/reference is out of date: run 'make docs' and commit it"; exit 1; }; done; echo "docs/reference: up to date"

bench: setup ## Measure against the limits (docs/PERFORMANCE.md tells how to read it)
	scripts/bench

sanitize: setup ## Run the tests under address and thread sanitizers
	# Swift keeps bits of its own in pointers, which the search for leaks cannot follow.
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build-asan
	# A program that a signal ends does not wait for its threads.
	TSAN_OPTIONS=report_thread_leaks=0 swift test --sanitize=thread --scratch-path .build-tsan

fuzz: setup ## Fuzz the readers of payloads, paths, expressions and YAML (SECONDS=60 each)
	SECONDS_EACH=$(or $(SECONDS),60) scripts/fuzz

clean: ## Remove what was built
	rm -rf .build .build-*
