#!/bin/sh
# Create .venv and install voltgate into it; "dev" also installs what tests and checks need.
set -eu

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if fits "$name"; then
            echo "$name"
            return
        fi
    done
    echo "voltgate needs Python 3.11, 3.12 or 3.13; ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 | head -1)." >&2
    echo "Install one of them, or name it: make PYTHON=/path/to/python ..." >&2
    exit 1
}

if ! fits .venv/bin/python; then
    python=$(find_python)
    echo "creating .venv with $("$python" --version)"
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "$python cannot create virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
pip=".venv/bin/python -m pip install --quiet"
echo "installing into .venv"
# Dependency groups need pip 25.1. Wheels only: nothing is compiled on the user's machine; our own package is the exception.
$pip 'pip>=25.1'
if [ "${1:-}" = dev ]; then
    $pip --only-binary :all: --editable . --group dev
    touch .venv/.installed-dev
else
    $pip --only-binary :all: --editable .
fi
touch .venv/.installed
