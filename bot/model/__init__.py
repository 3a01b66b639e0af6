"""The values that all packages exchange: papers, subscriptions, outbox rows, outcomes, reasons, errors.

They are immutable. What is here reads and writes text, such as links and comments, and decides nothing else.
"""
