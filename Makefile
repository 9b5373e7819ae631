# Two commands do everything: `make demo` and `make test`.
.PHONY: install dev demo test check bench quality ablation alignment meta-eval fmt

PYTHON ?= python3
BIN := .venv/bin
DOMAIN ?= medical
OUT ?= runs/$(DOMAIN)

install: .venv/installed

dev: .venv/installed-dev

# torch first and alone: an unpinned torch would pull CUDA builds of several GB.
.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[cpu,offline]'
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[cpu,offline,dev]'
	touch $@

# Build the assistant of DOMAIN, ask it (the third question has no answer in its corpus), measure it.
demo: install
	$(BIN)/glossator build recipes/$(DOMAIN).yaml --out $(OUT)
	$(BIN)/glossator ask $(OUT) $(ASK_$(DOMAIN))
	$(BIN)/glossator eval $(OUT) --compare --json $(OUT)/report.json --html $(OUT)/report.html

ASK_medical := "How quickly should adrenaline be given in anaphylaxis?" \
	"Which blood test shows that iron stores are empty?" "What is the boiling point of ethanol?"
ASK_legal := "Can one data protection officer serve a whole corporate group?" \
	"Trial period for an alternative job after redundancy in Great Britain?" "What is the import duty on coffee in Japan?"
ASK_code := "What is a lease?" "Can a thread take the directory lock twice?" "How does the garbage collector of Java work?"

# A process per core, each computing on one thread: the files of tests are handed out one by one. A process that dies
# ends the run with the name of its test: to replace it makes pytest-xdist 3.8 wait for ever.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --dist loadfile --max-worker-restart=0

test: dev
	$(PYTEST)

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/house.py
	$(PYTEST) -m "not slow"

# What the benchmarks share, and those that take no peer's time.
APART := measure decoders quality grounded prior ablation alignment guard choosing
bench: install
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench,cpu,offline]'
	failed=0; for file in $(filter-out $(APART:%=tests/bench/%.py),$(wildcard tests/bench/*.py)); do \
		$(BIN)/python $$file || failed=1; done; exit $$failed

# Retrieval and the prior on the reference benches beside the checkout, about an hour; says so and ends without them.
quality: dev
	$(BIN)/python tests/bench/quality.py
	$(BIN)/python tests/bench/prior.py
	$(BIN)/python tests/bench/choosing.py

# What tuning and each way of alignment add, over five seeds: a table of README.md, three hours.
alignment: install
	$(BIN)/python tests/bench/alignment.py runs/alignment

# What each part adds: the tables of README.md and docs/samples, half an hour.
ablation: install
	$(BIN)/python tests/bench/ablation.py runs/ablation

# Agreement of the verifiers with people, docs/meta-evaluation.md; says so and ends when the sets are absent.
DATA ?= ../shared/data
meta-eval: dev
	PYTHONPATH=builder $(BIN)/python -m foundry.meta_eval --data $(DATA)/verifier --text $(DATA)/text

fmt: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
