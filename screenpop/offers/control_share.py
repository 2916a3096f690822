"""Who is in the control share of an offer: some customers are not offered what fits them.

By a hash of offer and customer: the same customer stays in it on every call and in every process,
and the shares of two offers are independent. Without such customers it is not known whether an
offer sells, or only fits those who would have booked anyway.
"""

from hashlib import blake2b

MOST_PERCENT = 50
"""Of the customers: an offer that most do not hear is not worth its words."""


def is_in_control(suggestion: str, customer: int, percent: int) -> bool:
    """Return whether a customer is among ``percent`` of 100 that the offer is withheld from."""
    digest = blake2b(f"{suggestion}:{customer}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") * 100 >> 32 < percent
