"""Who works here, where, and what each may do: people, sites, stations, roles, signing in."""
