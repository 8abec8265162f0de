"""Collection: what is to be drawn, the kit for it, each draw and each spin, and their labels."""
