"""Train adapters. The only room that imports trl and peft."""
