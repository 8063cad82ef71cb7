# Shortcuts; the README and CI use cargo directly.

# Lists the recipes.
default:
    @just --list

# Runs all CI steps.
ci:
    .ci/run

test *args:
    cargo test {{args}}

lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Prints the table of speeds, each with its reference.
bench *args:
    cargo bench --bench speeds -- {{args}}

# Checks licences and duplicate dependencies (needs cargo-deny).
deny:
    cargo deny check licenses bans sources

serve *args:
    cargo run --release -- serve {{args}}

# Tests the server with the providers' SDKs for Python and Node.
sdk:
    cargo build --release
    tests/sdk/run

# Attacks the server, the load generator and each parser.
hostile *seconds:
    tests/hostile/run {{seconds}}

# Runs the test suites of the Python SDKs against the server.
sdk-suites *packages:
    cargo build --release
    tests/sdk-suites/run {{packages}}

# Tests the page of `weir load --web` in Chromium.
browser:
    cargo build --release
    tests/browser/run

# Runs the Locust suites of the reference systems against the server.
locust *systems:
    tests/locust/run {{systems}}
