"""Customers to CSV and XLSX: columns, rows, and cells that no program runs as formulas.

Entry points: ``columns.columns_for``, ``files.CsvFile``, ``files.XlsxFile``.
Invariants: what is written can be imported again without loss (a property test holds it).
Callers: ``exporting.worker``.
"""
