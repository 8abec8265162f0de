"""Alarms: a gap that needs a person, from when the watcher sees it until evidence or a reason."""
