"""WHAT TO DO: the plan as a value, made from what is asked and what is there; apply is the only module that writes.

It gets a Reader or a Writer and knows no HTTP, no YAML, no terminal.
"""
