"""How fast it is: `python -m tests.bench [--quick] [--large]`, which `make bench` calls."""
