"""Settings of who sees which customers."""

from pydantic import BaseModel, ConfigDict

from screenpop.customers.visibility import FilesRule


class FilesSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    agents_see: FilesRule = FilesRule.ALL
    """``all`` files, those of their ``branch`` and of none, or their ``own`` and those without an
    account manager."""
