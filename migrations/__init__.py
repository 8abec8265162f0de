"""The tables, as numbered steps; taken by `app.kernel.migrate`."""
