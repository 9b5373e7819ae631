"""Text to tokens, vectors and hidden states: MiniLM, shared by search and verification."""
