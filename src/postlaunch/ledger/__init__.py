"""The database of runs, facts, approvals, commitments and the outbox. It knows no agent and no graph.

Import `Ledger` from `ledger`, the records it takes and gives from `records`, `LeaseKeeper` from `leases`,
`open_checkpointer` from `checkpoints`, `deliver_due` from `outbox_delivery` and its ways out from `channels`,
`handoff_webhook`, `handoff_handlers` and `tracker`.
"""
