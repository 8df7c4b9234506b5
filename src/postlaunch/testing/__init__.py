"""Public fakes: the same ones the project's own tests use."""
