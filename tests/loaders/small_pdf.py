"""PDF files written by hand, small enough to read."""

from __future__ import annotations

import zlib


def pdf(*pages: bytes, title: str = "", packed: bool = False) -> bytes:
    """A file of these content streams; `text` makes one of a sentence."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for n, page in enumerate(pages):
        at = 4 + 2 * n
        fonts = "/Resources << /Font << /F1 3 0 R >> >>"
        objects[at] = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] {fonts} /Contents {at + 1} 0 R >>".encode()
        objects[at + 1] = stream(page, packed)
    objects[4 + 2 * len(pages)] = f"<< /Title ({title}) >>".encode()
    return whole(objects, f"/Info {4 + 2 * len(pages)} 0 R")


def text(words: str) -> bytes:
    return f"BT /F1 12 Tf 20 200 Td ({words}) Tj ET".encode("latin-1")


def stream(data: bytes, packed: bool = False) -> bytes:
    body = zlib.compress(data) if packed else data
    how = " /Filter /FlateDecode" if packed else ""
    return f"<< /Length {len(body)}{how} >>\nstream\n".encode() + body + b"\nendstream"


def whole(objects: dict[int, bytes], trailer: str = "") -> bytes:
    """The objects with a table that says where each stands."""
    made, places = b"%PDF-1.4\n", {}
    for number, body in objects.items():
        places[number] = len(made)
        made += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{places[number]:010} 00000 n \n" for number in sorted(objects))
    size, start = max(objects) + 1, len(made)
    made += f"xref\n0 {size}\n0000000000 65535 f \n{table}".encode()
    return made + f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
