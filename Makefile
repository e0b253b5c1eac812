# Two commands: `make run` serves the whole product at one address, `make test` tests it.
# Knobs: PORT=8080, PHONE=1 (TLS and a QR code for a phone nearby), TORCH_INDEX=<index with a CPU build of torch>,
# DATA_DIR=<folder>, PYTHON=<a Python 3.11>, T=<what pytest takes>.

PYTHON ?= python3.11
VENV ?= .venv
PORT ?= 8000
PYTEST := $(VENV)/bin/python -m pytest
CODE := accounts cameos commerce config feed generation model static manage.py
export VENV TORCH_INDEX

.PHONY: town-db run install install-dev test check test-services journey bench-path bench-feed bench-queue bench-likeness bench-shop bench-engine bench-studio bench-provenance clean-clips bench-trust train evaluate lock messages sbom drill fuzz docs

run: install
	@exec $(VENV)/bin/python manage.py run --port $(PORT) $(if $(PHONE),--phone)

install:
	@command -v $(PYTHON) >/dev/null || { echo "Understudy wants Python 3.11. Debian 12: apt-get install -y python3.11 python3.11-venv"; exit 1; }
	@$(PYTHON) config/install.py

install-dev:
	@command -v $(PYTHON) >/dev/null || { echo "Understudy wants Python 3.11. Debian 12: apt-get install -y python3.11 python3.11-venv"; exit 1; }
	@$(PYTHON) config/install.py --dev

# Everything on SQLite; the browser's tests where Chromium is (as root on Debian it is installed first).
test: install-dev
	@sh tests/prepare.sh browser
	@$(PYTEST) -n 2 --dist loadscope -m "not services" $(T)

# On PostgreSQL and Redis: whatever has the database, those marked `services` (several workers) or `again`, and files
# that name the services themselves. The rest proves the same on SQLite (tests/again.py says why, and watches over it).
test-services: install-dev
	@sh tests/prepare.sh services
	@DATABASE_URL="$${DATABASE_URL:-postgres://understudy:understudy@127.0.0.1:5432/understudy}" \
	 REDIS_URL="$${REDIS_URL:-redis://127.0.0.1:6379/9}" \
	 $(PYTEST) -n 2 --dist loadscope -m "not browser" $(T)

check: install-dev
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy .
	@$(VENV)/bin/bandit -q -c pyproject.toml -r $(CODE)
	@$(VENV)/bin/python manage.py check --fail-level ERROR
	@$(VENV)/bin/python manage.py makemigrations --check --dry-run

# A person's way from the invite to the paid order and back out, in a real browser on a stack of its own.
journey: install-dev
	@sh tests/prepare.sh browser
	@$(VENV)/bin/python -m tests.journey

bench-path: install-dev
	@sh tests/prepare.sh browser
	@$(VENV)/bin/python -m tests.bench.bench_path

# Ranking, pages, beacons and scripts of the feed on the test database of DATABASE_URL; in the towns of town-db, where
# they are; and in Chromium (FEED_DATA: a folder that holds the demo already).
bench-feed: install-dev
	@sh tests/prepare.sh browser
	@$(VENV)/bin/python -m tests.bench.bench_feed

# A town on PostgreSQL for bench-feed, and a small one beside it to compare with: TOWN="--people 100000 --clips 1000000".
town-db: install-dev
	@sh tests/prepare.sh services
	@$(VENV)/bin/python -m tests.bench.feed_town_db $(TOWN)

# Capture, gate, search, ledger, revocation; T names single parts of tests/bench/likeness.
bench-likeness: install-dev
	@$(VENV)/bin/python -m tests.bench.bench_likeness $(T)

# What the queue costs and keeps: T="--kills 20 --engine-s 2" for a short look.
bench-queue: install-dev
	@$(VENV)/bin/python -m tests.bench.bench_queue $(T)

# Stock, keys, news, splits, agents, imports and the sheet; T names parts, `quick` takes a short look, `fresh` a whole one.
bench-shop: install-dev
	@$(VENV)/bin/python -m tests.bench.bench_shop $(T)

# The native engine: what it shows, how it moves, how fast it is; T names single parts of tests/bench/engine_*.
bench-engine: install-dev
	@$(VENV)/bin/python -m tests.bench.bench_engine $(T)

# Storyboards, captions, the cutting room, clips of photos, scores; T names single parts (the last lines of the file).
bench-studio: install-dev
	@$(VENV)/bin/python -m tests.bench.bench_studio $(T)

# Marks, fingerprints, manifests, renditions and /verify; T names single parts of tests/bench/provenance.
bench-provenance: install-dev
	@sh tests/prepare.sh ffmpeg
	@$(VENV)/bin/python -m tests.bench.bench_provenance $(T)

# What 1,000 clean clips look like to the mark, drawn once for bench-provenance (var/bench, some minutes).
clean-clips: install-dev
	@$(VENV)/bin/python -m tests.bench.provenance._clean

# Trust in figures: matrix, hostile files, fuzzing, ASVS, drills, moving, restoring; T names parts of tests/bench/trust_*.
bench-trust: install-dev
	@$(VENV)/bin/python -m tests.bench.bench_trust $(T)

# Kills, cuts and slows what the product stands on, on a stack of its own; writes docs/drills/results.json.
drill: install-dev
	@sh tests/prepare.sh services
	@$(VENV)/bin/python -m tests.drills $(T)

# Bytes that crash a parser of ours: T="cursor rules --seconds 600"; without, a minute for each. T="--seconds 330" is an
# hour for all together, kept in docs/drills/fuzz.json for bench-trust.
fuzz: install-dev
	@$(VENV)/bin/python -m tests.fuzz $(T)

train: install
	@$(VENV)/bin/python -m model.train $(T)

evaluate: install
	@$(VENV)/bin/python -m model.evaluate $(T)

lock:
	@$(VENV)/bin/python manage.py lock

messages: install-dev
	@$(VENV)/bin/python manage.py messages

sbom:
	@$(VENV)/bin/python manage.py sbom

# The pages of docs/ as a site: OUT=var/docs
docs: install-dev
	@$(VENV)/bin/python manage.py docs_site $(or $(OUT),var/docs)
