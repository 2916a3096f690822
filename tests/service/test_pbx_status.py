"""From when to when nothing was seen of a PBX."""

from screenpop.service.pbx_status import Outage, OutageTracker


def test_the_start_of_the_program_is_no_blind_spell() -> None:
    sight = OutageTracker()
    assert sight.entered(live=False, since=100.0) is None
    assert sight.entered(live=True, since=101.0) is None


def test_a_spell_lasts_from_the_loss_to_the_next_sight_whatever_is_tried_between() -> None:
    sight = OutageTracker()
    sight.entered(live=True, since=100.0)
    for at in (200.0, 200.0, 200.0):
        assert sight.entered(live=False, since=at) is None
    assert sight.entered(live=True, since=230.0) == Outage(200.0, 230.0)


def test_a_half_open_line_was_blind_before_it_was_noticed() -> None:
    sight = OutageTracker()
    sight.entered(live=True, since=100.0)
    sight.entered(live=False, since=200.0, unheard_s=6.0)
    assert sight.entered(live=True, since=230.0) == Outage(194.0, 230.0)


def test_a_link_that_stays_live_keeps_its_last_spell() -> None:
    sight = OutageTracker()
    sight.entered(live=True, since=100.0)
    sight.entered(live=False, since=200.0)
    spell = sight.entered(live=True, since=230.0)
    assert sight.entered(live=True, since=230.0) is spell
