"""The API token: how long it must be to open anything, wherever it is read or compared."""

MIN_API_TOKEN_LENGTH = 32
"""Characters. ``secrets.token_urlsafe(32)``, which makes it, gives 43."""


def is_usable_api_token(token: str) -> bool:
    """Whether the text can be an API token; an empty or cut-off file gives none."""
    return (
        len(token) >= MIN_API_TOKEN_LENGTH
        and token.isascii()
        and token.isprintable()
        and " " not in token
    )
