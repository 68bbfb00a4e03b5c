"""Benchmarks: each starts its own server on loopback, is bounded in time and count, and prints one JSON object last.

CPU of the server's whole process tree per unit of work comes first; wall-clock figures say more about the machine.
"""
