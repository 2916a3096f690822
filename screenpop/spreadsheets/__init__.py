"""Customer lists in and out of files: XLSX, XLSB, XLS, ODS, CSV, vCard. Values only.

Subpackages: ``reading`` (bytes to rows, in a limited process), ``columns`` (which column is what),
``values`` (one cell), ``rows`` (one row to a ``CustomerDraft``), ``writing`` (export).
Invariants: a file is opened only by ``reading.worker``; a cell that is not understood is reported
and kept, never dropped; exported text is never a formula.
Callers: ``importing``, ``exporting``, ``cli``.
"""
