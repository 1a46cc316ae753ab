#!/usr/bin/env bash
# Install the wheels of some locks, and the project, into .venv: requirements/install.sh LOCK...
# uv takes a fifth of pip's time. An index that is set up for pip is used by uv too.
set -euo pipefail
python=.venv/bin/python
"$python" -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all: -r requirements/install.lock
index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
install=(.venv/bin/uv pip install --python "$python" --quiet --no-progress --system-certs --no-deps)
for lock in "$@"; do
  "${install[@]}" --require-hashes --only-binary :all: --no-binary pyspark --no-build-isolation -r "$lock"
done
"${install[@]}" --no-build-isolation --editable .
# Bytecode of what is never imported would take half of the time.
"$python" -m compileall -q -j 0 -x '/tests?/|/(geodata|carrierdata|setuptools|pip|textual|libcst)/' .venv/lib >/dev/null 2>&1 || true
