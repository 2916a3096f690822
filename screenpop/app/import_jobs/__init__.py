"""Imports started from the pages: their files, state and worker process.

Entry points: ``service.ImportJobService`` implements the port ``web.imports.port.Imports``.
Invariants: uploaded files live in the data folder, readable by this user only, until dropped.
Callers: ``app.server``.
"""
