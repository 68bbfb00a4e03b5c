"""The street: HTTP, pages in Dutch and English, the JSON API and the command line."""

__vraagbaak__ = "0.1.0"
