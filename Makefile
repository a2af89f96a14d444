# make demo       builds seeds/ into exports/ and says what to open
# make quick      runs the fast tests in under a minute; needs only Python
# make test       runs the fast, engine and browser tests, with coverage; installs Chromium with apt if it may
# make test-tools runs the tests of exports in other programs: Java, Spark, triple stores, Node
# make test-all   runs all tests, the nightly ones too
# make check      lint, types, layers; compares exports/ and the scripts of both pages with a fresh build
# make tools      installs the programs that test-tools needs: with apt, from Maven Central and npm
# make bench      compares builds with a plain rdflib program and other tools, from 1,000 to 1,000,000 records
# make bench-sparql  times the bundled questions and the endpoint, with a minute of deadly queries
# make bench-page    opens pages of 1,000 to 100,000 nodes, next to pyvis, sigma and force-graph (needs Node)
# make bench-stores  uploads exports to every available triple store, and kills both sides twenty times
# make stores     starts every available triple store and keeps it running until Ctrl-C
# make page       bundles the scripts of the explorer and of the query page (needs Node)
# make sbom       writes sbom.json, the packages that graphkit is installed with, in CycloneDX
# make docs       writes REFERENCE.md, docs/ontology.html and the pictures in the README

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# Debian's packages that test-tools needs: two RDF readers, Jena with a Java compiler, Java for Spark, a triple store,
# curl for the commands in docs/stores.md, openssl for a certificate, and Maven for Neo4j, Gephi and two more stores.
DEBIAN := raptor2-utils serdi libapache-jena-java default-jdk-headless openjdk-17-jre-headless maven \
	virtuoso-opensource-7-bin curl openssl
SCRIPTS := graphkit/page/explorer graphkit/server/ui

.PHONY: demo quick test test-tools test-all check tools bench bench-sparql bench-page bench-stores stores page docs sbom clean

demo: .venv/installed
	$(BIN)/graphkit build seeds --out exports
	@echo
	@echo "Open exports/coverage.html in a browser; load exports/coverage.ttl into any triple store."
	@echo "More: $(BIN)/graphkit --help"

# One worker a core; a worker that has nothing left takes tests from another.
PYTEST := -m pytest -q -n logical --maxprocesses 8 --dist worksteal

quick: .venv/installed-test
	$(BIN)/python $(PYTEST) -m "not engine and not browser and not tools and not nightly"

# Coverage makes tests two to three times as slow. So properties have few examples there, and run again without it.
test: .venv/installed-test .venv/installed-browser
	rm -f .coverage .coverage.*
	HYPOTHESIS_PROFILE=dev $(BIN)/coverage run $(PYTEST) -m "not browser and not tools and not nightly and not untraced"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	HYPOTHESIS_PROFILE=ci $(BIN)/python $(PYTEST) -m "(browser or untraced or hypothesis) and not tools and not nightly"

test-tools: .venv/installed-test tools
	HYPOTHESIS_PROFILE=ci $(BIN)/python $(PYTEST) -m "tools and not nightly"

test-all: test test-tools
	HYPOTHESIS_PROFILE=nightly $(BIN)/python $(PYTEST) -m "not browser and not tools"

check: .venv/installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	rm -rf .venv/fresh && $(BIN)/graphkit build seeds --out .venv/fresh --strict --quiet
	for file in coverage.ttl coverage.html report.json; do cmp exports/$$file .venv/fresh/$$file || exit 1; done
	@if command -v npm > /dev/null; then $(call each_script,check); \
		else echo "no npm: that the scripts of the pages are what their sources give was not checked"; fi

bench: .venv/installed-test
	$(PIP) --editable '.[bench]'
	$(BIN)/python benchmarks/compare.py
	$(BIN)/python benchmarks/corpora.py .bench/records --records 10000 --well-formed
	$(BIN)/python benchmarks/peers/rdf/run.py .bench/records --install --rounds 3
	$(BIN)/python benchmarks/scale.py --work .bench --sizes 1000 10000 100000
	$(BIN)/python benchmarks/scale.py --work .bench --form jsonl
	$(BIN)/python benchmarks/cluster.py --work .bench
	$(BIN)/python benchmarks/crashes.py
	$(BIN)/python benchmarks/tables.py --write

bench-sparql: .venv/installed-test
	$(BIN)/python benchmarks/questions.py
	$(BIN)/python benchmarks/endpoint.py

bench-page: .venv/installed-test
	$(BIN)/python benchmarks/page.py

bench-stores: .venv/installed-test .venv/installed-debian tests/tools/.installed
	$(BIN)/python benchmarks/stores.py --work .bench/stores --million --tries 20
	$(BIN)/python benchmarks/tables.py --write

stores: .venv/installed-test .venv/installed-debian tests/tools/.installed
	PYTHONPATH=tests $(BIN)/python -m foreign.triple_stores

page:
	$(call each_script,build)

each_script = for folder in $(SCRIPTS); do (cd $$folder && npm ci --silent --ignore-scripts && npm run --silent $(1)) || exit 1; done

docs: .venv/installed-test .venv/installed-browser
	@fc-list :lang=ja 2> /dev/null | grep -q . || { $(call apt,fontconfig fonts-wqy-microhei); }
	$(BIN)/python tests/reference_text.py > REFERENCE.md
	$(BIN)/python tests/ontology_page.py > docs/ontology.html
	PYTHONPATH=tests $(BIN)/python -m browsers.screenshot exports/coverage.html exports/coverage-light.png exports/coverage-dark.png

sbom: .venv/installed
	PYTHONPATH=tests:. $(BIN)/python tests/sbom.py > sbom.json

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "graphkit needs Python 3.11 or later"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; $(call apt,python3-venv) && $(PYTHON) -m venv .venv; }

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

.venv/installed-test: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[test]'
	@touch $@ .venv/installed

.venv/installed-check: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[check]'
	@touch $@ .venv/installed .venv/installed-test

# A machine without apt, or without the right to use it, skips the tests that need these programs, and says so.
.venv/installed-browser: .venv/bin/python
	@command -v chromium > /dev/null || { $(call apt,chromium); } \
		|| echo "could not install chromium: the tests that need it are skipped"
	@touch $@

.venv/installed-debian: .venv/bin/python
	@{ command -v rapper && command -v serdi && command -v javac && command -v java && command -v mvn \
		&& command -v virtuoso-t && command -v curl && command -v openssl && test -e /usr/share/java/jena-arq.jar; } > /dev/null || { $(call apt,$(DEBIAN)); } \
		|| echo "could not install $(DEBIAN): the tests that need them are skipped"
	@touch $@

tools: tests/tools/.installed

# 400 MB from Maven Central, and 17 MB from npm. Tests of what cannot be installed are skipped.
tests/tools/.installed: .venv/installed-debian tests/tools/package-lock.json $(wildcard tests/tools/*/pom.xml)
	@(cd tests/tools && npm ci --silent --ignore-scripts) \
		|| echo "could not install the packages of tests/tools: the tests that need them are skipped"
	@for tool in jena neo4j gephi fuseki rdf4j; do \
		rm -rf tests/tools/$$tool/lib; \
		mvn --quiet --batch-mode --file tests/tools/$$tool/pom.xml dependency:copy-dependencies -DoutputDirectory=lib \
			|| { rm -rf tests/tools/$$tool/lib; echo "could not install $$tool: the tests that need it are skipped"; }; \
	done
	@touch $@

sudo = $$([ "$$(id -u)" = 0 ] || echo sudo)
apt = $(sudo) apt-get update -qq && $(sudo) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) > /dev/null

clean:
	rm -rf .venv .venv-peers .bench $(SCRIPTS:=/node_modules) benchmarks/peers/node_modules tests/tools/node_modules tests/tools/*/lib tests/tools/.installed .coverage .coverage.* .hypothesis .pytest_cache .mypy_cache .ruff_cache build dist
