"""Print jobs: which labels a station's printer is to print, and what is known of each."""
