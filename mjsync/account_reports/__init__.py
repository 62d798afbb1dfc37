"""Read what an account sends and who it concerns: blocked messages, impact, readiness, usage; nothing is written.

Functions here take a reader and return frozen values, with the number of requests bounded by constants of the module.
"""
