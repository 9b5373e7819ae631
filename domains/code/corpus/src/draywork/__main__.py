# SPDX-License-Identifier: Apache-2.0
"""Let ``python -m draywork`` behave like the ``draywork`` command."""

from __future__ import annotations

import sys

from draywork.cli import main

if __name__ == "__main__":
    sys.exit(main())
