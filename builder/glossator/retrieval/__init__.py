"""Find passages. The only room that imports llama-index and faiss."""
