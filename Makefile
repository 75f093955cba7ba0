# 59초: `make run` starts it, `make test` tests it. Every command installs what it needs and says so.

# nginx is where only administrators have their PATH.
export PATH := $(HOME)/.cargo/bin:$(PATH):/usr/sbin
ADDR ?= 127.0.0.1:3000
PEOPLE ?= 300
NODES ?= 2

.PHONY: run build release test journeys check bench size shots faults demo format cluster

# Whoever sits at this machine can look after the site as well, and nobody who reaches it from elsewhere.
run cluster: export FIFTYNINE_DEMO_ADMIN ?= local
run: build            ## start the site with demonstration data at http://$(ADDR)
	@echo "· starting 59초 at http://$(ADDR) (Ctrl-C stops it)"
	@FIFTYNINE_DEMO=true FIFTYNINE_ADDR=$(ADDR) ./target/debug/fiftynine serve

build:                ## build server and browser code
	@scripts/setup build
	@echo "· building server and browser code"
	@scripts/build

release:              ## build both for speed and size
	@scripts/setup build
	@scripts/build release

cluster: build        ## the same on NODES nodes with PostgreSQL and Redis, nginx in front at http://$(ADDR)
	@scripts/setup cluster
	@NODES=$(NODES) ADDR=$(ADDR) scripts/cluster

test:                 ## everything CI runs: lints, tests, and the browser journeys of everybody's main paths
	@scripts/setup $(if $(CI),build nextest,test)
	@scripts/test

journeys: build       ## every browser journey (ARGS="--grep @core" for the main paths, ARGS=results for those of one file)
	@scripts/setup test
	@cargo build --workspace --exclude frontend --bin stand-ins
	@cd end2end && npx playwright test $(ARGS)

check:                ## format, lints, and what the program is made of
	@scripts/setup check
	cargo fmt --all --check
	cargo clippy --workspace --exclude frontend --all-targets -- -D warnings
	cargo clippy -p frontend --target wasm32-unknown-unknown --profile wasm-dev -- -D warnings
	cargo fmt --manifest-path bundle/Cargo.toml --check
	cargo clippy --manifest-path bundle/Cargo.toml --target-dir target/bundle -- -D warnings
	scripts/deny

format:
	cargo fmt --all
	cargo fmt --manifest-path bundle/Cargo.toml

bench:                ## measure the figures of README against their baselines (ARGS="--quick")
	@scripts/bench $(ARGS)

size:                 ## what the code that every page loads is made of (LINES=60 for more)
	@scripts/setup build
	@scripts/front release
	@node scripts/size.mjs target/front/wasm32-unknown-unknown/wasm-release/frontend_split.wasm $(LINES)

shots: build          ## pictures of every page, on a phone, a tablet and a desktop, light and dark, in both languages (ARGS="--only /deals --sizes phone")
	@scripts/setup test
	@cargo build --workspace --exclude frontend --bin stand-ins
	@scripts/shots $(ARGS)

faults:               ## kill it fifty times; break its disk, clock and network; change frames, forms and cookies at random; simulate twenty thousand crashes; all journeys on two nodes
	@scripts/setup test
	@scripts/faults

demo:                 ## send PEOPLE simulated people into the next event of a running site
	@FIFTYNINE_ADDR=$(ADDR) ./target/debug/fiftynine demo --people $(PEOPLE)
