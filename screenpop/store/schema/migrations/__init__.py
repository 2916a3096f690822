"""Alembic migrations; they also run from an installed wheel."""
