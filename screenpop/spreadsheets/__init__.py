"""Customer lists in and out of files: XLSX, XLSB, XLS, ODS, CSV, vCard. Values only.

Subpackages: ``reading`` (bytes to rows, in a limited process), ``columns`` (fields of columns),
``values`` (one cell), ``rows`` (one row to a ``CustomerDraft``), ``writing`` (export).
Invariants: a file is opened only by ``reading.worker``; a cell that cannot be parsed is reported
and kept, never dropped; exported text is never a formula.
Callers: ``importing``, ``exporting``, ``cli``.
"""
