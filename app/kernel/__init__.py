"""What every capability stands on: clock, ids, errors, database, unit of work."""
