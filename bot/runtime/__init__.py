"""The running process: wiring, the Discord client, background jobs, health checks, metrics and logs.

It starts and stops all the work and does none of it: polling and delivery are packages of their own.
"""
