"""What a contact person does for a company."""

from enum import StrEnum


class CompanyRole(StrEnum):
    BOOKS = "books"
    TRAVELS = "travels"
    PAYS = "pays"
