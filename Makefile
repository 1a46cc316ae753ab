# Two commands matter: `make demo` and `make test`. Both set everything up in .venv by themselves.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
SOURCES := cli benchmarks pipelines stewardship stages matching quality golden_record client_view store rules tests

.PHONY: help demo test test-all spark check check-static lint types floors docs serve-docs screenshots mutants sbom clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/.runtime ## a synthetic bank from nothing to golden records, in demo_home/
	$(BIN)/registry demo --home demo_home

test: .venv/.dev check-static ## static checks and the fast tests
	$(PYTEST) -n 2 -m "not slow"

test-all: .venv/.dev check-static ## every test, also the slow ones, and the table of faults
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder --faults

spark: .venv/.spark ## the tests on a Spark cluster on this machine; needs Java 17 (docs/scale.md)
	$(PYTEST) tests/stages/test_spread.py

check: test docs ## format, lint, types, floor plan, tests, docs

check-static: lint types floors

lint: .venv/.dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)

types: .venv/.dev
	$(BIN)/mypy

floors: .venv/.dev
	$(BIN)/lint-imports

docs: .venv/.dev ## build the documentation into site/
	$(BIN)/python -m cli.docs
	$(BIN)/mkdocs build --strict --quiet

screenshots: .venv/.dev ## picture the desk's pages for the documentation; needs chromium
	REGISTRY_SCREENSHOTS=docs/assets/desk $(PYTEST) tests/stewardship/test_browser.py tests/stewardship/test_client_desk_browser.py -k pictured

mutants: .venv/.dev ## break constraints, survivorship and promotion on purpose; the tests must notice 80 % of it
	$(BIN)/mutmut run
	$(BIN)/mutmut export-cicd-stats
	$(BIN)/python -m tests.mutants

sbom: .venv/.dev ## the software bill of materials (CycloneDX) of what the lock installs, in dist/sbom.cdx.json
	@mkdir -p dist
	$(BIN)/cyclonedx-py requirements requirements/runtime.lock --pyproject pyproject.toml --output-reproducible \
		--of JSON -o dist/sbom.cdx.json

clean: ## remove what the demo and the docs wrote
	rm -rf demo_home site dist mutants .pytest_cache .mypy_cache .ruff_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=…"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.runtime: .venv/bin/python requirements/install.lock requirements/runtime.lock pyproject.toml
	@echo "Installing into .venv (about a minute, once) …"
	@requirements/install.sh requirements/runtime.lock
	@touch $@

.venv/.dev: .venv/bin/python requirements/install.lock requirements/dev.lock requirements/febrl.lock pyproject.toml
	@echo "Installing into .venv (about a minute, once) …"
	@requirements/install.sh requirements/dev.lock requirements/febrl.lock
	@touch $@ .venv/.runtime

.venv/.spark: .venv/.dev requirements/spark.lock
	@echo "Installing pyspark into .venv (456 MB, once) …"
	@requirements/install.sh requirements/spark.lock
	@touch $@
