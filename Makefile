# The one door to the house: `make` lists everything.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
REFEREE := var/referee
# Half of the time is waiting, for a page or for a device: three side by side keep two cores busy.
WORKERS ?= 3
PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo check test browser referee soak bench clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(STAMP) ## make .venv and install from the hash-pinned lock file

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Unbroken needs Python 3.11 or newer; this is %d.%d. Say which one: make PYTHON=python3.11" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## start a programme to try, with devices simulated (RESET=1 starts over)
	$(BIN)/unbroken demo $(if $(RESET),--reset)

check: setup ## lint, types, import contracts, fast tests: under two minutes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(PYTEST) -m "not slow and not soak and not browser"

test: check browser referee ## everything, with reduced counts: under twelve minutes
	$(PYTEST) -p no:cacheprovider -m "(slow or browser) and not soak"

browser: ## say whether Chromium is there; install it with apt in CI
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	if [ -n "$$CI" ]; then apt-get update -qq && apt-get install -y -qq chromium fonts-liberation >/dev/null; \
	else echo "NOTE: no Chromium found: browser tests are SKIPPED. To run them: sudo apt-get install chromium fonts-liberation"; fi

referee: ## where npm is, install the program that draws our ZPL a second time
	@if [ ! -d $(REFEREE)/node_modules/zpl-renderer-js ] && command -v npm >/dev/null; then \
	npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix $(REFEREE) zpl-renderer-js@3.4.0; \
	elif ! command -v npm >/dev/null; then echo "NOTE: no npm found: the tests that need a second ZPL renderer are SKIPPED"; fi

soak: setup browser referee ## the full counts: under an hour
	UNBROKEN_SOAK=1 $(PYTEST)

bench: setup ## measure, print, and write var/bench.json (LARGE=1 at a million tubes)
	$(BIN)/python -m tests.bench $(if $(LARGE),--large)

clean: ## remove what was built and the data of the demo
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
