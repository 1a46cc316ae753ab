#!/usr/bin/env bash
# Compile the locks: exact versions with hashes, wheels only, no index addresses. Needs `uv` on the PATH.
# pyicu has no wheels; pyicu-wheels is the same module as wheels, so the override leaves pyicu out of the locks, and
# the locks are installed with --no-deps.
set -euo pipefail
cd "$(dirname "$0")"
options=(--universal --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url
         --no-emit-find-links --no-header --no-annotate --quiet --override overrides.txt)
uv pip compile runtime.in "${options[@]}" -o runtime.lock "$@"
uv pip compile dev.in -c runtime.lock "${options[@]}" -o dev.lock "$@"
# pyspark is a source distribution; `pip` builds its wheel from Python and jars, without a compiler.
uv pip compile spark.in -c runtime.lock "${options[@]}" --no-binary pyspark -o spark.lock "$@"
uv pip compile install.in "${options[@]}" -o install.lock "$@"
uv pip compile febrl.in --no-deps "${options[@]}" -o febrl.lock "$@"
