"""The use cases. Leads values through the pure rooms; knows no I/O library."""
