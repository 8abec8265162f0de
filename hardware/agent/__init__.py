"""The agent: keeps every read of a station safe, in order, and takes it to the server."""
