"""Certificates of an office without a public domain."""
