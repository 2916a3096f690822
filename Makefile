# Everything runs from a virtual environment that these targets make for themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# Where it is set, each process of the tests compiles all of them again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: test-slow deb wheelhouse test-install scale-demo doors sbom audit help setup demo test lint types layers compile-tests test-tools unit browser test-faults test-operation test-pbx desk-tasks benchmark score-holdout mutation fuzz lock clean

help:
	@echo "make demo       a running Screenpop with invented customers and a simulated PBX"
	@echo "make test       lint, types, layers, unit and browser tests"
	@echo "make test-slow   tests of much processor time, which make test leaves out"
	@echo "make test-faults  links, processes, disks and databases fail; ARGS=--short for the part without figures"
	@echo "make test-operation  proxies, certificates, alert rules and log rotation with the real programs"
	@echo "make test-pbx   the same against a real Asterisk 22 and 16"
	@echo "make desk-tasks tasks of an agent's day by keyboard alone, with the number of keys"
	@echo "make benchmark  speed as ratios, in one run"
	@echo "make scale-demo  two listeners, three web processes, Redis, PostgreSQL, nginx, 1,000 simulated agents; two processes are killed"
	@echo "make score-holdout  backtests of the chance to come back, on public and invented histories"
	@echo "make mutation   plant bugs and list those that no test notices; ARGS=\"--sample 30\" for a part"
	@echo "make fuzz       half an hour of bytes chosen by atheris for each parser; ARGS=\"ami --seconds 60\""
	@echo "make doors      who may use which page and route, asked of a running server; writes docs/doors.md"
	@echo "make sbom       the list of parts of a release (CycloneDX), into dist/"
	@echo "make audit      licences of the server's packages, and vulnerabilities known of them (asks the package index)"
	@echo "make deb        packages for Debian 12 and 13, into dist/; ARGS=\"--suite trixie\" for one"
	@echo "make wheelhouse  one tar with all wheels and an installer, for machines without internet; into dist/"
	@echo "make test-install  packages and the commands of the documents in fresh Debian roots"
	@echo "make lock       write requirements.lock and requirements-server.lock anew"

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Screenpop needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(STAMP)

setup: $(STAMP)

demo: $(STAMP)
	@$(BIN)/screenpop demo --data demo-data $(ARGS)

test: setup
	@$(MAKE) --no-print-directory -j3 types test-tools lint layers compile-tests
	@status=0; $(MAKE) --no-print-directory unit || status=1; $(MAKE) --no-print-directory browser || status=1; exit $$status

# What the tests need besides Python packages: found on the machine, else unpacked into a cache.
test-tools: $(STAMP)
	@$(BIN)/python -m tests.tools

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

layers: $(STAMP)
	@$(BIN)/lint-imports

# In a fresh clone each worker of the next two targets would compile all tests itself.
compile-tests: $(STAMP)
	@$(BIN)/python -m pytest --collect-only -qq -n 0 --ignore=tests/pbx > /dev/null || true

unit: $(STAMP)
	@$(BIN)/python -m tests.again unit

browser: $(STAMP)
	@$(BIN)/python -m tests.again browser

test-slow: test-tools
	@status=0; $(BIN)/python -m tests.again slow-unit || status=1; $(BIN)/python -m tests.again slow-browser || status=1; exit $$status

test-faults: test-tools
	@$(BIN)/python -m tests.faults $(ARGS)

test-operation: test-tools
	@$(BIN)/python -m pytest -q -n 2 tests/operation

desk-tasks: test-tools
	@$(BIN)/python -m pytest -q -s tests/browser/test_desk_tasks.py

test-pbx: $(STAMP)
	@$(BIN)/python -m pbx_lab test

benchmark: $(STAMP)
	@$(BIN)/python -m benchmarks $(ARGS)

scale-demo: test-tools
	@$(BIN)/python -m benchmarks.scale_demo $(ARGS)

score-holdout: $(STAMP)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.score_holdout

mutation: $(STAMP)
	@$(BIN)/python -m tests.mutation $(ARGS)

# atheris has wheels for Linux on x86 only, so it is in no lock; its version is fixed here.
fuzz: $(STAMP)
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/pip install --quiet --only-binary :all: atheris==3.0.0
	@$(BIN)/python -m tests.fuzz $(ARGS)

doors: $(STAMP)
	@$(BIN)/python -m tests.doors

sbom: $(STAMP)
	@$(BIN)/python -m tests.security sbom

audit: $(STAMP)
	@$(BIN)/python -m tests.security audit

deb: $(STAMP)
	@$(BIN)/python -m release deb $(ARGS)

wheelhouse: $(STAMP)
	@$(BIN)/python -m release wheelhouse $(ARGS)

test-install: $(STAMP)
	@SCREENPOP_TEST_INSTALL=1 $(BIN)/python -m pytest -q -n 0 tests/install $(ARGS)

lock: $(STAMP)
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --group dev --all-extras --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --all-extras --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate --quiet -c requirements.lock -o requirements-server.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
