"""What carries out the engine's follow-ups (hooks, choices, regions, prompts), and what watches files and sign-ins.

Never changes the state of the engine but by events.
"""
