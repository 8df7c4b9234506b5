"""The database of runs, facts, approvals, commitments and the outbox. It knows no agent and no graph."""
