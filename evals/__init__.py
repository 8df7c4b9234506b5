"""HOW WELL: scenarios, scorers and benchmarks, each run by its own command."""
