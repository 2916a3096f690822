"""``/admin/setup``: the proposal from the PBX on a page, for administrators.

The web package has no PBX: ``port`` is implemented by ``app.setup_service``.
"""
