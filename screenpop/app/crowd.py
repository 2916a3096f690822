"""Says that a PBX has more live calls than are remembered: on every page, and once in the log."""

from collections.abc import Callable
from dataclasses import replace

import structlog

from screenpop.asterisk.limits import MOST_CALLS
from screenpop.service.pbx_status import PbxProblem, PbxStatus
from screenpop.telephony.identifiers import PbxId
from screenpop.web.translations import Catalogue

_log = structlog.get_logger()


class CrowdNotice:
    """Adds the problem ``too_many_calls`` to a link that has no other.

    It stays until a whole minute, from one list of the PBX's channels to the next, has passed
    without another call closed.
    """

    def __init__(
        self, pbx: PbxId, publish: Callable[[PbxStatus], None], sentences: Catalogue
    ) -> None:
        self._pbx = pbx
        self._publish_link = publish
        self._sentences = sentences
        self._link: PbxStatus | None = None
        self._is_shown = False
        self._closed_since_list = False

    def link_changed(self, link: PbxStatus) -> None:
        """Publish the link, with the problem while it lasts."""
        self._link = link
        self._publish()

    def calls_closed(self) -> None:
        """The tracker has just closed calls because there were too many."""
        self._closed_since_list = True
        if not self._is_shown:
            self._is_shown = True
            sentence = self._sentences.gettext("pbx.too_many_calls", limit=str(MOST_CALLS))
            _log.warning(sentence, pbx=self._pbx)
            self._publish()

    def listed(self) -> None:
        """The PBX was asked for all its channels again."""
        if self._is_shown and not self._closed_since_list:
            self._is_shown = False
            self._publish()
        self._closed_since_list = False

    def _publish(self) -> None:
        link = self._link
        if link is None:
            return
        if self._is_shown and link.problem is None:
            problem = PbxProblem("too_many_calls", {"limit": str(MOST_CALLS)})
            link = replace(link, problem=problem)
        self._publish_link(link)
