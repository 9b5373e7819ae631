"""A reader in the manner of llama-index: form feeds divide pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document


class PagedReader(BaseReader):
    def load_data(self, file: Path, extra_info: dict[str, Any] | None = None) -> list[Any]:
        text = file.read_text()
        if text == "raise":
            raise ValueError("no luck")
        if text == "strings":
            return [text]
        pages = enumerate(text.split("\f"), 1)
        return [Document(text=page, metadata={"page_label": str(n), "file_name": file.name}) for n, page in pages]
