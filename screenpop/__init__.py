"""Caller-ID screen pop for Asterisk: who is calling, before the phone is picked up."""

__version__ = "0.1.0"
