"""What a gap is: one small pure function per rule, one file per family, one table."""
