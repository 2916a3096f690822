"""A person who logs in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from screenpop.accounts.card_preferences import DEFAULT_PREFERENCES, CardPreferences

UserId = NewType("UserId", int)


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Department(StrEnum):
    SALES = "sales"
    ACCOUNTING = "accounting"
    FINANCE = "finance"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class User:
    id: UserId
    username: str
    display_name: str
    role: Role
    department: Department
    language: str
    card_preferences: CardPreferences = DEFAULT_PREFERENCES


class Right(StrEnum):
    """What may be done. ``accounts.permissions`` maps roles to rights."""

    SEE_OWN_CARDS = "see_own_cards"
    SEE_ALL_CALLS = "see_all_calls"
    SIMULATE = "simulate"
    MANAGE_USERS = "manage_users"
    EDIT_CUSTOMERS = "edit_customers"
    IMPORT_CUSTOMERS = "import_customers"
    """Bring in whole sheets, and take them out again."""
    EXPORT_CUSTOMERS = "export_customers"
    """Take the list of customers along, as far as their department sees it."""
    GIVE_OUT_FILES = "give_out_files"
    """Read the whole of one person's file, for that person."""
    ERASE_CUSTOMERS = "erase_customers"
    HIDE_FILES = "hide_files"
    """Hide a customer's file from all but a few users."""
    MANAGE_SEGMENTS = "manage_segments"
    """Save segments, rename tags, and change all customers of a list at once."""
    MANAGE_VOUCHERS = "manage_vouchers"
    """Make, cancel and give back vouchers."""
    SEE_DOCUMENT_NUMBERS = "see_document_numbers"
    """Read and export the numbers of passports and other documents, which others see masked."""
