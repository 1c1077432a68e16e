# make serve    set everything up, build the site, and serve it on http://127.0.0.1:8000/
# make test     set everything up and run every test, those in a real browser included
# make test-firefox  tell all stories in Firefox (BROWSER=webkit for WebKit). What Debian's driver cannot tell there (fingers,
#                    pages without scripts, service workers, paper, DevTools) is skipped, with its reason
# make build    leave the finished site in site/
# make check    formatters, linters, type checkers; workflows and forms against their schemas
# make test-keras    hold the Keras twin against real Keras (its own environment, over 1 GB; some four minutes)
# make test-pyodide  run gd_core's own tests in Pyodide: in the site's bundle, and in a `pyodide venv` where one can be had
# make test-install  install gd_core into bare environments and run it (PYTHONS=… for others than those found)
# make fuzz         read 200,000 damaged pages, where `make test` reads 10,000 (some five minutes; COUNT=… for others)
# make proofread     find every mistake in what authors wrote, without building the site
# make newest        build and test a scratch copy with the newest of all that requirements.in names; tells which, and may fail
# make zensical      try the site with Zensical, which has no hooks; tells what comes out, and may fail
# make bench    what the lesson costs, beside a bare page with the same Python and beside TensorFlow.js, Keras and others
#               (ARGUMENTS="--only start,memory" for some of it; in the environment of test-keras; some fifteen minutes)
# make faults   write tests/FAULTS.md, the table of faults, from the tests that make them
# make pictures make the README's picture and animation anew, from a real run
# make html     check every page of the site with the Nu checker (needs Java)
# make audit    ask whether vulnerabilities are known in anything that is pinned (needs a network; 2 when it cannot be asked)
# make soak     train, pause and navigate 2,000 times in one tab and watch its memory (ARGUMENTS="--runs 1000"; some seven minutes)
# make format   let the formatters rewrite what they would complain about
#
# All that is needed beforehand is Python 3.11 or newer.

PYTHON ?= python3
BROWSER ?= firefox
BIN := .venv/bin
TORCH := torch==2.13.0  # without a hash: see requirements-keras.in

export PATH := $(CURDIR)/$(BIN):$(PATH)
export NO_MKDOCS_2_WARNING := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: serve proofread zensical test test-firefox test-keras test-pyodide test-install build check bench faults \
  fuzz html audit soak pictures format bundle requirements newest clean

serve: bundle
	python -m mkdocs serve --dev-addr 127.0.0.1:8000

# With `--quiet` MkDocs would not count the warnings that a strict build fails for.
build: bundle
	python -m mkdocs build --strict

# The tests run against the very wheel that the site serves, so it is installed first.
test: build
	pip install --quiet --force-reinstall --no-deps --no-index "$$(python -m scripts.bundle)"/gd_core-*-py3-none-any.whl
	python -m scripts.browsers
	pytest --numprocesses auto --dist loadfile --max-worker-restart 0

test-firefox: build
	pip install --quiet --force-reinstall --no-deps --no-index "$$(python -m scripts.bundle)"/gd_core-*-py3-none-any.whl
	python -m scripts.browsers
	GD_BROWSERS=$(BROWSER) pytest --numprocesses auto --dist loadfile --max-worker-restart 0 tests/browser

proofread: .venv/ready
	@python -m scripts.proofread

fuzz: .venv/ready
	python -m tests.fuzz $(COUNT)

zensical: .venv/ready
	python -m scripts.try_zensical

test-keras: .venv-keras/ready bundle
	.venv-keras/bin/pip install --quiet --force-reinstall --no-deps --no-index \
	  "$$(python -m scripts.bundle)"/gd_core-*-py3-none-any.whl
	.venv-keras/bin/pytest tests/keras

test-pyodide: bundle
	python -m scripts.try_pyodide

test-install: .venv/ready
	python -m scripts.try_install $(PYTHONS)

# A rival that cannot be had has a line in the table that says so.
bench: build
	python -m scripts.browsers
	-$(MAKE) --keep-going .venv-keras/ready build/rivals/ready
	python -m scripts.bench $(ARGUMENTS)

html: build node_modules/ready
	python -m scripts.check_html

audit: .venv/ready
	python -m scripts.audit

soak: build
	python -m scripts.browsers
	python -m scripts.soak $(ARGUMENTS)

pictures: build
	python -m scripts.browsers
	python -m scripts.readme_pictures

faults: .venv/ready
	python -m scripts.faults

check: .venv/ready node_modules/ready
	ruff format --check .
	ruff check .
	mypy
	npx --no-install prettier --check docs/assets scripts
	npx --no-install tsc --project tsconfig.json
	zizmor --offline --quiet --no-progress .github
	check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
	check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff

format: .venv/ready node_modules/ready
	ruff format .
	ruff check --fix .
	npx --no-install prettier --write docs/assets scripts

bundle: .venv/ready
	python -m scripts.bundle

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
	  v >= (3, 11) or sys.exit("Python must be 3.11 or newer, got %d.%d; name another with PYTHON=..." % v)'
	$(PYTHON) -m venv .venv
	pip install --quiet --require-hashes --requirement requirements.txt
	touch $@

node_modules/ready: package-lock.json .venv/ready
	npm ci --silent
	touch $@

build/rivals/ready: scripts/bench/rivals/package-lock.json .venv/ready
	mkdir -p build/rivals
	cp scripts/bench/rivals/package.json scripts/bench/rivals/package-lock.json build/rivals
	npm ci --silent --prefix build/rivals
	touch $@

.venv-keras/ready: requirements-keras.txt
	$(PYTHON) -m venv .venv-keras
	.venv-keras/bin/pip install --quiet --require-hashes --requirement requirements-keras.txt
	.venv-keras/bin/pip install --quiet $(TORCH)
	touch $@

# Pins the newest versions that these allow, each in its .in.
REQUIREMENTS := requirements requirements-keras
requirements: .venv/ready
	pip install --quiet pip-tools
	set -e; for name in $(REQUIREMENTS); do \
	  pip-compile --upgrade --quiet --strip-extras --generate-hashes --allow-unsafe --no-header --no-emit-options \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file $$name.txt $$name.in; \
	done

# A scratch copy with the newest version of all that requirements.in names, its limits left out.
newest:
	rm -rf build/newest
	mkdir -p build/newest
	git archive HEAD | tar -x -C build/newest
	sed -i.before -E 's/(==|<)[0-9][0-9.]*//' build/newest/requirements.in
	$(MAKE) -C build/newest requirements REQUIREMENTS=requirements
	-diff requirements.txt build/newest/requirements.txt | grep '=='
	$(MAKE) -C build/newest test

clean:
	rm -rf .venv .venv-keras node_modules build dist site
