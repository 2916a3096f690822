"""Whether a page should lead an administrator to ``/admin/setup``."""

from screenpop.accounts.users import Right
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.context import WebContext


def needs_setup(context: WebContext, current_user: CurrentUser) -> bool:
    """Return whether there is no PBX yet and this user may set one up."""
    setup = context.admin.setup
    return setup is not None and current_user.may(Right.MANAGE_USERS) and not setup.has_pbx()
