# Every target sets up what it needs in .venv; nothing is installed elsewhere.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVE_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
FRONTEND := hatch_build.py frontend/package.json $(wildcard frontend/*.mjs frontend/src/*)
CLIENTS := $(VENV)/clients
CLIENTS_STAMP := $(CLIENTS)/.installed

.PHONY: serve test browser clients lint types check conformance soak fuzz mutations translations bench bench-scale bench-validation wheel clean

serve: $(SERVE_STAMP)   ## install what serving needs and serve the graph at http://127.0.0.1:8000/
	$(BIN)/taiwan-can-help serve

test: $(DEV_STAMP) clients  ## install what tests need and run them
	$(BIN)/pytest --numprocesses 2 --ignore tests/conformance --ignore tests/browser

browser: $(DEV_STAMP) clients  ## pages in Debian's Chromium, which has to be installed; pictures of them in build/screenshots
	$(BIN)/pytest --numprocesses 2 tests/browser

clients: $(CLIENTS_STAMP)  ## install the clients in JavaScript that tests run, with the Node.js of the virtual environment

lint: $(DEV_STAMP)      ## ruff: lint and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_STAMP)     ## mypy, strict
	$(BIN)/mypy

check: lint types test  ## all of these

conformance: $(DEV_STAMP)  ## the public suites, from the folder that TCH_CONFORMANCE names
	$(BIN)/pytest tests/conformance

soak: $(DEV_STAMP)      ## query workers killed at random under load, for a minute
	TCH_SOAK_SECONDS=60 $(BIN)/pytest -s tests/test_soak.py

fuzz: $(DEV_STAMP)      ## 10,000 mutated requests, by a seed that it prints
	TCH_FUZZ=10000 $(BIN)/pytest -s tests/fuzz

bench: $(DEV_STAMP)     ## our server beside its peers, at the real size and a million triples; writes docs/performance.md
	$(BIN)/python -m benchmarks run

bench-scale: $(DEV_STAMP)  ## how cost grows with data (up to 10 million triples), results and clients
	$(BIN)/python -m benchmarks scale

mutations: $(DEV_STAMP) ## what the shapes find of 200 records, broken in every way: a table by property
	$(BIN)/pytest -s tests/validation/test_mutations.py

bench-validation: $(DEV_STAMP)  ## how long validation takes, by stage
	$(BIN)/python -m benchmarks.validation

translations: $(DEV_STAMP)  ## take new texts of the pages into the catalogues, for a translator to fill in
	$(BIN)/pybabel extract --mapping babel.cfg --no-location --omit-header --sort-output --keyword lazy_gettext --output .venv/messages.pot src/taiwan_can_help/web
	$(BIN)/pybabel update --input-file .venv/messages.pot --output-dir src/taiwan_can_help/web/translations --locale zh_Hant --omit-header --no-fuzzy-matching --ignore-obsolete --no-wrap

wheel: $(DEV_STAMP)     ## wheel and sdist in dist/
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) dist build frontend/node_modules frontend/generated src/taiwan_can_help/web/static/built

$(SERVE_STAMP): pyproject.toml $(FRONTEND)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(DEV_STAMP): pyproject.toml $(FRONTEND)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ $(SERVE_STAMP)

$(CLIENTS_STAMP): tests/clients/package.json | $(DEV_STAMP)
	mkdir -p $(CLIENTS)
	cp tests/clients/package.json $(CLIENTS)
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --prefix $(CLIENTS) --no-package-lock --ignore-scripts --no-audit --no-fund
	touch $@
