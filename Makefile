# The few commands. Everything else is reached from these.
.DEFAULT_GOAL := help
# A folder is called `bench`.
.PHONY: help dev test lint build bench weights clean-data

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

dev: ## Set up, build, and run a chain and a relay on this machine
	@scripts/dev.sh

test: ## Set up and run every check
	@scripts/test.sh

lint: ## Formatting, clippy, documentation, licences
	@scripts/lint.sh

build: ## Set up and build the node, the relay and the command line
	@scripts/build.sh

bench: ## Measure what docs/performance.md claims
	@scripts/bench.sh

weights: ## Measure the weights of the runtime's calls and hooks anew
	@scripts/weights.sh

clean-data: ## Forget the development chain and the relay's ledger
	@scripts/dev.sh --clean
