"""The page that takes a decision: `postlaunch listen`.

A person opens a signed one-time link, sees the proposal and decides. Nothing here decides by itself: a page
hands a decision with its link to the API, and the ledger checks both. `serving.served` is what others use.
"""
