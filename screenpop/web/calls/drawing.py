"""What the page of one call draws: lanes in per mille of the call's time, legs, the recording."""

from collections.abc import Sequence

from screenpop.calls.call_drawing import Drawing, DrawnLeg, draw_call, legs_from_trace
from screenpop.calls.recording_link import recording_link
from screenpop.store.calls.queries import CallDetail
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext

WIDTH = 1000
"""Units of the axis of time."""
_LEAST_WIDTH = 2.0
"""Units of the shortest span, so that it can be seen."""
MOST_LANES = 40


def drawn_legs(detail: CallDetail) -> tuple[DrawnLeg, ...]:
    """Return the legs of the log, else those of the trace of a call in progress."""
    if detail.legs or detail.call.ended_at is not None:
        return tuple(
            DrawnLeg(
                leg.dialled or leg.endpoint,
                leg.agent_name,
                leg.rang_at,
                leg.answered_at,
                leg.ended_at,
                leg.outcome,
                leg.queue,
            )
            for leg in detail.legs
        )
    return legs_from_trace(detail.trace)


def drawing_view(detail: CallDetail, now: float) -> View:
    """Return the lanes for the template. Marks and spans are in units of ``WIDTH``."""
    call = detail.call
    drawing = draw_call(
        arrived_at=call.arrived_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        now=now,
        legs=drawn_legs(detail)[:MOST_LANES],
        transfers=[(one.origin, one.at) for one in detail.transfers] or _passed_on(detail.trace),
        trace=detail.trace,
    )
    return {
        "begun_at": drawing.begun_at,
        "ended_at": drawing.ended_at,
        "lasts_s": drawing.ended_at - drawing.begun_at,
        "kinds": sorted({span.kind.value for lane in drawing.lanes for span in lane.spans}),
        "has_transfers": any(lane.transfers for lane in drawing.lanes),
        "lanes": [
            {
                "endpoint": lane.endpoint,
                "agent": lane.agent,
                "spans": [
                    {
                        "kind": span.kind.value,
                        "x": _x(drawing, span.begun_at),
                        "width": max(
                            _x(drawing, span.ended_at) - _x(drawing, span.begun_at), _LEAST_WIDTH
                        ),
                        "lasts_s": span.ended_at - span.begun_at,
                    }
                    for span in lane.spans
                ],
                "transfers": [_x(drawing, at) for at in lane.transfers],
                "hung_up": None if lane.hung_up_at is None else _x(drawing, lane.hung_up_at),
            }
            for lane in drawing.lanes
        ],
    }


def _x(drawing: Drawing, at: float) -> float:
    lasts = drawing.ended_at - drawing.begun_at
    part = (at - drawing.begun_at) / lasts if lasts > 0 else 0.0
    return round(min(max(part, 0.0), 1.0) * WIDTH, 1)


def _passed_on(trace: Sequence[dict[str, object]]) -> list[tuple[str, float]]:
    """Return who passed the caller on, and when, of a call in progress."""
    steps = [step for step in trace if step.get("step") == "transferred"]
    return [
        (str(step.get("origin", "")), at)
        for step in steps
        if isinstance(at := step.get("at"), int | float)
    ]


def live_leg_views(detail: CallDetail) -> list[View]:
    """Return the legs of a call in progress in the form of ``leg_view``."""
    return [
        {
            "endpoint": leg.endpoint,
            "number": leg.endpoint,
            "by": "",
            "by_number": "",
            "agent": leg.agent,
            "queue": leg.queue,
            "rang_at": leg.rang_at,
            "answered_at": leg.answered_at,
            "ended_at": leg.ended_at,
            "outcome": leg.outcome,
            "rang": True,
        }
        for leg in drawn_legs(detail)
    ]


def recording_of(context: WebContext, detail: CallDetail) -> str:
    """Return the address of the recording; empty without a template or an answer."""
    call = detail.call
    if call.answered_at is None or not call.answered_by:
        return ""
    facts = {
        "pbx": call.pbx,
        "linkedid": call.call,
        "number": "" if call.withheld else (call.e164 or "").lstrip("+"),
        "line": call.did,
        "queue": call.queue,
        "extension": call.answered_by[0],
    }
    return recording_link(context.recording_template, facts, call.arrived_at, context.zone)
