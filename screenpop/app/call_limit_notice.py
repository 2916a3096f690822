"""Reports a PBX with more live calls than the limit: on every page, and once in the log."""

from collections.abc import Callable
from dataclasses import replace

import structlog

from screenpop.asterisk.limits import MOST_CALLS
from screenpop.service.pbx_status import PbxProblem, PbxStatus
from screenpop.telephony.identifiers import PbxId
from screenpop.web.translations import Catalogue

_log = structlog.get_logger()


class CallLimitNotice:
    """Adds the problem ``too_many_calls`` to a link that has no other.

    It stays until one minute, from one channel list of the PBX to the next, passes without
    another closed call.
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
        """Publish the state of the link, with the problem while it lasts."""
        self._link = link
        self._publish()

    def calls_closed(self) -> None:
        """Handle that the tracker closed calls because there were too many."""
        self._closed_since_list = True
        if not self._is_shown:
            self._is_shown = True
            sentence = self._sentences.gettext("pbx.too_many_calls", limit=str(MOST_CALLS))
            _log.warning(sentence, pbx=self._pbx)
            self._publish()

    def listed(self) -> None:
        """Handle a new complete channel list of the PBX."""
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
