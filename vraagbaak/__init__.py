"""The domain of a Vraagbaak: who may ask, answer, offer and see what. No I/O, no async, no framework."""

__vraagbaak__ = "0.1.0"
