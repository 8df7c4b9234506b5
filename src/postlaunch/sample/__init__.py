"""The embedded sample application: generated from a seed number, with its truth."""
