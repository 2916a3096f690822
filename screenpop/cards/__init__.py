"""The card an agent sees: composed, addressed, revised. Pure."""
