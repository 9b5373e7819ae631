"""Files -> documents, in a process of its own that may neither run for ever nor eat the memory nor reach the network."""
