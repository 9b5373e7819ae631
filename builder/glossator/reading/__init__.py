"""Files -> documents, in a process that neither runs for ever nor eats the memory nor reaches the network."""
