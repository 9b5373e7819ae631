"""Find passages. The only room that imports llama-index, faiss and bm25s."""
