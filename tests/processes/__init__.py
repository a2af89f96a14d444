"""Processes that tests start, wait for, talk to and kill."""
