"""What lies here is a distribution of its own: `test_third_party.py` installs it and runs its tests."""

collect_ignore = ["glossator-harbour"]
