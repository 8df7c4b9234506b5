"""The embedded sample application: generated from a seed number, with its truth.

Outside code imports `generate` and `Sample` from `postlaunch.sample.generate`. Nothing that measures or
reports may read `truth.json`: it is there for tests and evals.
"""
