"""Table of the contact persons of companies."""

from sqlalchemy import JSON, Column, Table

from screenpop.store.schema.columns import foreign_key_column, id_column
from screenpop.store.schema.tables import metadata

# Counts while the customer is of this company (``customers.company_id``).
company_contacts = Table(
    "company_contacts",
    metadata,
    id_column(),
    foreign_key_column("company_id", "households.id", gone="CASCADE", index=True),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    Column("roles", JSON, nullable=False),  # as customers.company_roles.CompanyRole
)
