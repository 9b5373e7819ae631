"""One definition of a citation, used as metric, as reward and as run-time check. No ML library here."""
