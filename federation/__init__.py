"""The post room: translates between the domain and ActivityPub, signs, sends, receives."""

__vraagbaak__ = "0.1.0"
