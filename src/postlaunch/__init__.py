"""postlaunch: five LLM specialists run a live application after its launch."""
