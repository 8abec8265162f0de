"""The spine: what was seen, by whom, in whose hands, and what is missing from the story."""
