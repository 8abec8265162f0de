"""Where things are kept: freezers, racks, boxes, benches, their positions, and what is promised."""
