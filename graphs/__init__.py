"""ORDER: one LangGraph state machine per workflow, the gate, and the front that routes events."""
