"""The cellar: remembers what the domain decided, in SQLite or PostgreSQL, and runs the durable jobs."""

__vraagbaak__ = "0.1.0"
