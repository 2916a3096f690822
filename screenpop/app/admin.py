"""Data for ``/admin``: settings, PBX links, and the live test of a PBX."""

from screenpop.app.live_calls import LiveCalls
from screenpop.app.lookback_service import LookbackService
from screenpop.settings import Settings
from screenpop.telephony.identifiers import PbxId
from screenpop.web.ports import AdminFacts, PbxFacts, TrunkFacts
from screenpop.web.setup.port import SetupPort


def admin_facts(settings: Settings, calls: LiveCalls, setup: SetupPort | None = None) -> AdminFacts:
    """Return the facts of the settings; states and tests come from ``calls``."""
    return AdminFacts(
        pbxes=tuple(
            PbxFacts(
                PbxId(pbx.id),
                pbx.host,
                pbx.port,
                pbx.username,
                pbx.tls,
                pbx.phones,
                tuple(
                    TrunkFacts(trunk.name, trunk.region, tuple(trunk.lines.items()))
                    for trunk in pbx.trunks
                ),
            )
            for pbx in settings.pbx
        ),
        region=settings.number_plan.region,
        extensions=settings.number_plan.extensions,
        keep_days={
            "calls": settings.keep_calls_days,
            "traces": settings.keep_traces_days,
            "notes": settings.keep_notes_days,
            "logins": settings.keep_logins_days,
            "deliveries": settings.webhook.keep_days,
        },
        keep_customers_years=settings.keep_customers_years,
        link_states=calls.link_states,
        test_pbx=calls.test_pbx,
        lookback=LookbackService(settings),
        caller_source=calls.caller_source,
        setup=setup,
    )
