"""WHO: one file per specialist, the loop they share, and the roster of every named party.

Graphs import specialists and the loop from here; nothing here imports a graph.
"""
