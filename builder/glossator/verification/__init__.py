"""Does this evidence support this claim? Verifiers are registered by plugins and chosen by name."""
