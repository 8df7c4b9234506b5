"""The chat model: client, retry, budget, usage, and what may be shown to it."""
