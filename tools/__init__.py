"""MAY DO: typed, read-only measurements and rules, one file per domain.

Agents import the registry (`measurement`) and the domain modules; nothing here imports an agent or a graph.
"""
