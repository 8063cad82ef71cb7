# A convenience: the README and CI use cargo alone.

# Lists what can be done.
default:
    @just --list

# Everything that CI runs.
ci:
    .ci/run

test *args:
    cargo test {{args}}

lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# The table of speeds, each beside its ceiling.
bench *args:
    cargo bench --bench speeds -- {{args}}

# Licences and duplicate dependencies (needs cargo-deny).
deny:
    cargo deny check licenses bans sources

serve *args:
    cargo run --release -- serve {{args}}

# The providers' own SDKs for Python and Node against the server.
sdk:
    cargo build --release
    tests/sdk/run

# The test suites that the SDKs for Python bring along, against the server.
sdk-suites *packages:
    cargo build --release
    tests/sdk-suites/run {{packages}}

# The page of `weir load --web` in a real Chromium.
browser:
    cargo build --release
    tests/browser/run

# The reference systems' Locust suites against the server.
locust *systems:
    tests/locust/run {{systems}}
