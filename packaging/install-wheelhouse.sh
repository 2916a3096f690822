#!/bin/sh
# Installs Screenpop from the wheels beside this file, or updates it; asks no network.
#   sh install.sh [FOLDER]     default: /opt/screenpop
#   PYTHON=python3.12 sh install.sh
set -e
cd "$(dirname "$0")"
folder=${1:-/opt/screenpop}
python=${PYTHON:-python3}

sha256sum --check --quiet SHA256SUMS || {
    echo "A file differs from its checksum: copy the archive again." >&2
    exit 1
}
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || {
    echo "The wheels are for Python 3.11 to 3.13. Name one: PYTHON=python3.12 sh install.sh" >&2
    exit 1
}
"$python" -m venv "$folder" || {
    echo "A virtual environment cannot be made. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
}
# Without the settings of pip on this machine: they may name an index.
PIP_CONFIG_FILE=/dev/null "$folder/bin/python" -m pip --isolated --quiet --disable-pip-version-check \
    install --no-index --find-links wheels --require-hashes --only-binary :all: -r requirements.txt
"$folder/bin/screenpop" --version
