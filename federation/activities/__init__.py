"""One file per activity: how it is written, what makes it believable, and what it does.

No activity imports another; the table in federation/inbox.py knows them all.
"""
