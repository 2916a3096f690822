"""Roles and departments: what each may see and do. Pure."""
