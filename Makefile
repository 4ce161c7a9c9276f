# The portal's commands. `make` lists them; what they do is in tools/.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
# Compiled code is kept, whatever the caller's shell says: dozens of processes load the same.
export PYTHONDONTWRITEBYTECODE :=

PORT ?= 8000
PY := .venv/bin/python
MANAGE := $(PY) manage.py
WORKERS ?= 2
# On a server one more: each waits for it, and races wait for each other.
SERVER_WORKERS ?= 3
# What to test, for instance TESTS=tests/kpi; everything if empty.
TESTS ?=
APPS := orgchart targets kpi subsidies competitions fieldwork portal
TYPED := $(wildcard $(foreach app,$(APPS),$(foreach name,rules queries services workbooks, \
	$(app)/$(name).py $(app)/$(name)/*.py)))

.PHONY: help install install-dev services vendor messages static demo-data demo up check lint types
.PHONY: imports templates catalogues migrations deploy-settings test test-databases
.PHONY: test-sqlite test-postgres lock clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.* ## /  make \1\t/' | expand -t 24

install: ## make .venv with what the portal needs
	@command -v python3 >/dev/null || { echo "error: python3 is not installed: install Python 3.11 or newer." >&2; exit 1; }
	@python3 tools/bootstrap.py

install-dev: install
	@python3 tools/bootstrap.py dev

services: install ## PostgreSQL and Redis to try and to test with, where the machine has none
	@python3 tools/bootstrap.py services

vendor: install ## bring the front-end files into static/vendor
	@$(PY) -m tools.vendor

messages: install ## build the message catalogues
	@$(PY) -m tools.messages build

static: vendor messages
	@$(MANAGE) collectstatic --noinput --verbosity 0

demo-data: static ## prepare the demo district in var/portal.sqlite3
	@$(MANAGE) migrate --noinput --verbosity 0
	@$(MANAGE) load_demo

demo: install ## the demo district on http://127.0.0.1:8000/ (or PORT=…)
	@$(PY) -m tools.serve --port $(PORT) --check-only
	@$(MAKE) demo-data
	@$(PY) -m tools.serve --port $(PORT)

up: install ## web server, worker and beat on DATABASE_URL and REDIS_URL
	@$(PY) -m tools.up --check-only
	@$(MAKE) static
	@$(PY) -m tools.up

check: lint types imports templates catalogues migrations deploy-settings ## everything that needs no test run

lint: install-dev
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check . || { .venv/bin/ruff format --check .; exit 1; }

types: install-dev
	@.venv/bin/mypy $(TYPED)

imports: install-dev
	@.venv/bin/lint-imports --no-logo

templates: install-dev
	@.venv/bin/djlint --quiet --lint templates

catalogues: install-dev
	@$(PY) -m tools.messages check

migrations: install-dev
	@$(MANAGE) makemigrations --check --dry-run

deploy-settings: install-dev
	@DATABASE_URL=sqlite:///var/deploy-check.sqlite3 SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_hex(40))') \
		$(MANAGE) check --deploy --fail-level WARNING

# On both cores: what the tests need, the checks, and the databases that the tests will copy.
test: ## check, then the tests on SQLite and on PostgreSQL with Redis
	@$(MAKE) -j2 test-databases static services check
	@$(MAKE) test-sqlite test-postgres

test-databases: messages
	@$(PY) -m tests.prepared

# Pages are driven in a run of their own: Playwright leaves an event loop behind, under which
# Django refuses to work; and the steps of a story stay in order on one worker.
test-sqlite: install-dev static services
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup --ignore tests/browser $(TESTS)
	@$(if $(TESTS),,$(PY) -m pytest -q -n $(WORKERS) --dist loadfile tests/browser)

# What needs the demo comes last: it is loaded meanwhile, or all workers would wait for it.
test-postgres: install-dev static services
	@PRODUCTION=0 $(PY) -m tools.services run -- $(SHELL) -c '$(if $(TESTS),,$(PY) -m tests.prepared server &) exec "$$@"' - \
		$(PY) -m pytest -q -n $(SERVER_WORKERS) --dist loadgroup --ignore tests/browser $(TESTS)

lock: install-dev ## resolve the requirements again
	@$(PY) -m tools.locks

clean: ## remove what the commands above made, except var/
	@rm -rf .venv node_modules static/vendor .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} + ; find locale -name '*.mo' -delete 2>/dev/null || true
