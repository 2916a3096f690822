"""Errors of a database that cannot be used, each with a sentence and the remedy."""


class DatabaseProblemError(Exception):
    """The database cannot be used as it is; the text has the reason and the remedy.

    ``code``: ``bad_url``, ``no_driver``, ``no_folder``, ``not_writable``, ``network_drive``,
    ``not_a_database``, ``unreachable``, ``schema_missing``, ``schema_older``, ``schema_newer``,
    ``disk_full``, ``damaged``, ``absent``, ``locked``, ``worker`` (one of these, in a worker).
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
