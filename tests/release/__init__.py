"""Packages without building them: what is chosen for which system, and their scripts."""
