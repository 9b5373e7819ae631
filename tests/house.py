"""The size law: no file over 300 lines, no function over 70. `python tests/house.py` prints the medians too."""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_FILE, MOST_FUNCTION = 300, 70


def main() -> int:
    """Print the figures and every offender; 1 when there is one."""
    files = [path for room in ("builder", "plugins", "tests") for path in sorted((ROOT / room).rglob("*.py"))]
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    functions = [
        (node.end_lineno - node.lineno + 1, path, node.name)
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    ]
    lengths = sorted(length for length, path, _ in functions if "tests" not in path.parts)
    print(f"files {len(files)}, median {statistics.median(sizes.values()):.0f}, longest {max(sizes.values())}")
    p90 = lengths[int(len(lengths) * 0.9)]
    print(f"functions {len(lengths)}, median {statistics.median(lengths):.0f}, p90 {p90}, longest {lengths[-1]}")
    long_files = [f"{path.relative_to(ROOT)}: {size} lines" for path, size in sizes.items() if size > MOST_FILE]
    long_functions = [
        f"{path.relative_to(ROOT)}: {name} has {length} lines"
        for length, path, name in functions
        if length > MOST_FUNCTION
    ]
    for line in long_files + long_functions:
        print(f"too long: {line}")
    return 1 if long_files or long_functions else 0


if __name__ == "__main__":
    sys.exit(main())
