# One word for each chore; all work on a fresh clone with python3 and make.

SHELL := /bin/sh
BIN := .venv/bin
RUN := $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo test check generate bench docs cover migration screenshots chromium clean

help:
	@echo "make demo | test | check | generate | bench | docs | cover | migration NAME='add notes'"

.venv/.installed: pyproject.toml tools/environment.sh
	@tools/environment.sh

.venv/.installed-dev: pyproject.toml tools/environment.sh
	@tools/environment.sh dev

demo: .venv/.installed
	$(BIN)/voltgate demo

test: .venv/.installed-dev chromium
	$(RUN) -m pytest -q -n auto --maxprocesses 8 --dist loadgroup $(ARGS)

check: .venv/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(RUN) tools/generate_messages.py --check
	$(RUN) tools/migration.py --check
	$(RUN) tools/settings_page.py --check
	$(RUN) tools/coverage_page.py --check

generate: .venv/.installed-dev
	$(RUN) tools/generate_messages.py

bench: .venv/.installed-dev
	$(RUN) bench/messages.py $(ARGS)

docs: .venv/.installed-dev
	$(RUN) tools/settings_page.py
	$(RUN) tools/coverage_page.py

cover: .venv/.installed-dev
	$(RUN) -m coverage erase
	$(RUN) -m coverage run -m pytest -q $(ARGS)
	$(RUN) -m coverage combine -q
	$(RUN) -m coverage report --skip-covered --show-missing

migration: .venv/.installed-dev
	$(RUN) tools/migration.py "$(NAME)"

screenshots: .venv/.installed-dev chromium
	VOLTGATE_SCREENSHOTS=1 $(RUN) -m pytest -q tests/browser/test_screenshots.py

chromium:
	@tools/chromium.sh

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist htmlcov
