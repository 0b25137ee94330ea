# Two commands do everything: `make run URL=https://meet.example.org/Room` and `make test`.

PYTHON ?= python3
URL ?=
ARGS ?=
WORKERS ?= logical
# The tests start hundreds of processes, and each would compile all of Eyeline anew.
export PYTHONDONTWRITEBYTECODE :=
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help run setup weights test check ready unit fuzz soak outages system-packages clean

help:
	@echo "make run URL=https://HOST/ROOM   join a meeting; without URL, the preview (ARGS=... for flags)"
	@echo "make test                        lint, types, layers and all tests, as CI runs them (WORKERS=0: one by one)"
	@echo "make fuzz                        a million damaged inputs for the parsers of what meetings send and people paste"
	@echo "make soak                        an hour in a busy room (SOAK_SECONDS=..): nothing may grow or be left"
	@echo "make outages                     how long nothing is seen after each kind of outage (OUTAGES=.. OUTAGE_ROUNDS=..)"
	@echo "make setup                       only make $(BIN)/eyeline"

run: setup
	@$(BIN)/eyeline $(if $(URL),join "$(URL)",preview) $(ARGS)

setup: $(VENV)/.installed

weights: setup
	@$(BIN)/eyeline models fetch

# What does not wait for each other at the same time: apt and pip; lint and what the tests need besides.
test: | $(VENV)/bin/python
	@$(MAKE) --no-print-directory -j 2 system-packages $(VENV)/.installed-dev
	@$(MAKE) --no-print-directory -j 2 check ready
	@$(MAKE) --no-print-directory --old-file=ready unit

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p eyeline.bot -p eyeline.integrations -p eyeline.processing -p eyeline.models -p eyeline.config
	$(BIN)/lint-imports

ready: $(VENV)/.installed-dev
	@$(BIN)/eyeline models fetch || echo "The weights could not be fetched: the tests that need them will be skipped."
	@$(BIN)/python -c 'from eyeline.processing.kernels import warm_up as kernels; kernels.warm_up(); kernels.warm_up_gaze()'

unit: ready
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist worksteal

fuzz: $(VENV)/.installed-dev
	$(BIN)/python tests/fuzz_jitsi.py $(ARGS)

soak: $(VENV)/.installed-dev
	PYTHONPATH=tests $(BIN)/python -m soak

outages: $(VENV)/.installed-dev
	PYTHONPATH=tests $(BIN)/python -m outages

system-packages:
	@.ci/system-packages

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@.ci/system-packages --python "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.installed
