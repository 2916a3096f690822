"""How the tables came to be: Alembic steps that also run from an installed wheel."""
