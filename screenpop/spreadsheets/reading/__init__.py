"""Opens a file in a process with limits and gives its rows as text.

Entry points: ``client.preview_sheet``, ``client.read_sheet``; ``worker`` is the process.
Invariants: the file type comes from its bytes; sizes, ratios and entries are checked before
anything is unpacked; a crash of the worker is one sentence for the user.
Callers: ``importing``.
"""
