#!/usr/bin/env bash
# agrees.sh PRINT_ESTIMATES: agrees.py, with the Python that has what it compares with.
exec "${TESSERA_PYTHON:-python3}" "$(dirname "$0")/agrees.py" "$1"
