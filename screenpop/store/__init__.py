"""The records: customers, calls, users. The one door to SQLAlchemy."""
