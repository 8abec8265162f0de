"""The devices of a station and the agent that speaks for them: bytes and ports, never tubes."""
