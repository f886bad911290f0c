# Few commands, the same here and in .ci/run. This file only names them.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,\
    $(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help chat test check fix bench docs clean
.DELETE_ON_ERROR:

help:
	@echo "make chat    talk to a model: yours if a key is set, else the built-in parrot"
	@echo "make test    run the tests"
	@echo "make check   lint, types, architecture"
	@echo "make fix     format, and mend what can be mended"
	@echo "make bench   speed, beside the floor and the installed peers"
	@echo "make docs    write the generated pages again"

chat: $(VENV)/.core
	@$(BIN)/conure chat

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/.check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/architecture -q

fix: $(VENV)/.check
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.test
	$(BIN)/python bench/run.py $(ARGS)

docs: $(VENV)/.core
	$(BIN)/python docs/_generate.py
	$(BIN)/python docs/_parameters.py

clean:
	rm -rf $(VENV)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "conure needs Python 3.11 or newer, and there is no such python3 on PATH: \
	install one, or say where it is with  make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[socks,test]'
	@$(PIP) --editable '.[llama]' || echo "No llama.cpp wheel for this machine: its tests will be skipped."
	@touch $@ $(VENV)/.core

$(VENV)/.check: $(VENV)/.test
	$(PIP) --editable '.[check]'
	@touch $@
