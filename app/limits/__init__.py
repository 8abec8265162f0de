"""The limits behind the rules: which version is in force when, and how a later one is added."""
