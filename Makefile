# The commands of this project. `make help` lists them.
# Needs Python 3.11 or newer and make; everything else is installed into .venv, by hash.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
# The zone data is the pinned package's, not the machine's, wherever this runs.
export PYTHONTZPATH :=
# Compiled modules are kept, wherever this runs: tests start many processes.
export PYTHONDONTWRITEBYTECODE :=

# Files stay together, so that what is costly to start is started once per process. They are shared
# out in the order tests/conftest.py gives them, so that the long plays of tests/e2e are not begun
# last; and there are two processes more than cores, because a test that waits keeps no core busy.
PARALLEL = --numprocesses=$(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 2)') \
	--dist=loadfile --no-loadscope-reorder

CORES = $(shell $(BIN)/python -c 'import os; print(os.cpu_count() or 1)')

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --allow-unsafe

.PHONY: help
help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  \033[36m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: $(VENV)/run.stamp ## Install the desk into .venv
	@$(BIN)/threadline --version

.PHONY: demo
demo: $(VENV)/run.stamp ## Play the demo in a local workspace and print its address
	@$(BIN)/threadline demo

.PHONY: test
test: $(VENV)/dev.stamp ## Run the tests
	@$(BIN)/pytest -q -m "not slow and not simulation" $(PARALLEL)

.PHONY: check
check: $(VENV)/dev.stamp ## What CI runs: format, lint, types, import rules, advisories, simulation, tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory advisories
	@$(MAKE) --no-print-directory simulation
	@$(MAKE) --no-print-directory test

.PHONY: check-all
check-all: $(VENV)/dev.stamp ## The same with the slow tests, and examples nobody has tried yet
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory simulation
	@$(BIN)/pytest -q --hypothesis-profile=search -m "not simulation" $(PARALLEL)

.PHONY: simulation
simulation: $(VENV)/dev.stamp ## Play 300 days with faults, 3,000 crashes, and the desk without each of its rules
	@$(BIN)/pytest -q -m simulation --numprocesses=$(CORES) --dist=load tests/simulation

MINUTES ?= 30
.PHONY: soak
soak: $(VENV)/dev.stamp ## Play ever new days with faults: make soak MINUTES=600
	@$(BIN)/python -m tests.simulation soak --minutes $(MINUTES) --jobs $(CORES)

.PHONY: lint
lint: $(VENV)/dev.stamp ## Format, lint, types and import rules
	@echo "format …" && $(BIN)/ruff format --check --quiet .
	@echo "lint …" && $(BIN)/ruff check --quiet .
	@echo "types …" && $(BIN)/mypy
	@echo "import rules …" && $(BIN)/lint-imports --no-logo

.PHONY: fmt
fmt: $(VENV)/dev.stamp ## Format the code and mend what can be mended
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

.PHONY: bench
bench: $(VENV)/dev.stamp ## Measure; writes build/bench.csv
	@$(BIN)/python -m benchmarks

.PHONY: day
day: $(VENV)/run.stamp ## Play a day of 500 tickets and 12 agents; prints a table
	@$(BIN)/python -m sandbox.day

.PHONY: pictures
pictures: $(VENV)/dev.stamp ## Take the pictures of the docs anew (needs Chromium and ImageMagick)
	@$(BIN)/python -m tests.browser.pictures
	@$(BIN)/python -m tests.browser.report_pictures

.PHONY: bench-peers
bench-peers: $(VENV)/dev.stamp build/peers-helpdesk/stamp ## Compare with business-hours libraries and django-helpdesk
	@$(PIP) install --no-deps --require-hashes --upgrade --target build/peers -r requirements/bench.txt
	@PYTHONPATH=build/peers $(BIN)/python -m benchmarks deadline helpdesk

# django-helpdesk has an environment of its own: nothing of it is ever beside the desk.
build/peers-helpdesk/stamp: requirements/bench-helpdesk.txt $(VENV)/dev.stamp
	@echo "installing django-helpdesk, to compare with …"
	@$(BIN)/python -m venv build/peers-helpdesk
	@build/peers-helpdesk/bin/python -m pip --disable-pip-version-check --quiet --quiet \
		install --no-deps --require-hashes -r requirements/bench-helpdesk.txt
	@touch $@

.PHONY: lock
lock: $(VENV)/dev.stamp ## Resolve the dependencies anew into requirements/*.txt
	@$(PIP) install "pip-tools>=7.5"
	@echo "resolving …"
	@$(LOCK) --upgrade --extra build --extra demo -o requirements/run.txt pyproject.toml
	@$(LOCK) --upgrade --extra build --extra demo --extra dev --extra parquet -o requirements/dev.txt pyproject.toml
	@$(LOCK) --upgrade -o requirements/bench-helpdesk.txt requirements/bench-helpdesk.in

.PHONY: advisories
advisories: $(VENV)/dev.stamp ## Look for known holes in what is locked; says so where it cannot look
	@$(BIN)/python -m tests.supply_chain advisories

.PHONY: licences
licences: $(VENV)/dev.stamp ## Write docs/licences.md anew
	@$(BIN)/python -m tests.supply_chain licences

.PHONY: sbom
sbom: $(VENV)/dev.stamp ## Write a bill of materials (CycloneDX) to build/sbom.json
	@$(BIN)/python -m tests.supply_chain sbom

.PHONY: channels
channels: $(VENV)/dev.stamp ## Write the table of channels in the README anew
	@$(BIN)/python -m connectors.matrix

.PHONY: catalogues
catalogues: $(VENV)/dev.stamp ## Bring the translations in step with the texts of the code
	@$(BIN)/python -m bot.language.collect

.PHONY: new-connector
new-connector: $(VENV)/dev.stamp ## Begin a connector: make new-connector NAME=acme
	@test -n "$(NAME)" || { echo "Which one? make new-connector NAME=acme"; exit 2; }
	@$(BIN)/python -m connectors.scaffold "$(NAME)"

.PHONY: clean
clean: ## Remove the environment and every cache
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Threadline needs Python 3.11 or newer, and none was found. \
	Install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || { echo "creating $(VENV) with $(PYTHON) …"; \
	"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "Python cannot make an environment here. \
	On Debian: apt install python3-venv"; exit 1; }; }

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | python
	@echo "installing what the desk and the demo need (a minute or two, once) …"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | python
	@echo "installing what the tests need (a few minutes, once) …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run.stamp
