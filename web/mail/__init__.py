"""The weekly letter: what stands in it, under which seal its address is kept, and how it leaves.

Only `smtp` opens a connection, to the one server that the steward named.
"""
