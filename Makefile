# Everything a fresh machine needs is Python >= 3.11 and this file.
#   make run    installs, runs the main job on real data, says where to look
#   make test   installs, runs all tests (no root; what needs a browser or raw files skips visibly)

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# uv comes from the package index once, for speed; the lock is installed with hashes and byte code.
UV     := $(BIN)/uv
UV_VERSION := 0.13.9
STAMP  := $(VENV)/.installed

.PHONY: run test test-deps check bench docs lock seal install clean

run: install
	@$(BIN)/article3 run baseline --out runs/baseline

install: $(STAMP)

$(STAMP): pyproject.toml requirements.lock.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "article3 needs Python 3.11 or later; set PYTHON=/path/to/python3"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

# The only target that needs root: system packages for the tests in a real browser.
test-deps:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m benchmarks

# Regenerate what the documentation takes from the code.
docs: install
	$(BIN)/python tools/make_docs.py

lock:
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra dev --no-emit-package article3 --output-file requirements.lock.txt pyproject.toml

seal: install
	$(BIN)/python tools/seal_evidence.py

clean:
	rm -rf $(VENV) runs .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
