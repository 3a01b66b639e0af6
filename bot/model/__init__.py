"""The values that all packages exchange: papers, subscriptions, outbox rows, outcomes, reasons, errors.

They are immutable, and decide nothing beyond how they are written as text and read back.
"""
