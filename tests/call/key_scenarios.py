"""What two sides make of each other's halves of a key: the same tests for the native engine, the page, and both."""

import random
from collections.abc import Callable

import pytest

from app.call.contract.encryption import KeyOrigin
from app.call.keys.agreement import ON_ITS_WAY_S, SILENT_AFTER_S, KeyUse
from app.call.keys.offer import Offer, Step, parse_offer
from app.call.keys.pair import Pair, commitment_to
from tests.call.key_wire import Wire
from tests.stage.key_sides import SESSION_KEY, KeySide, NativeSide

NewSide = Callable[[], KeySide]
SMALL_ORDER = ("00" * 32, "01" + "00" * 31)
MALFORMED = ["1", "1 x - - 0", "2 " + "a" * 64 + " - - 0", "1 " + "a" * 64 + " - - 1", "1 " + "A" * 64 + " - - 0"]
MALFORMED += ["1 " + "a" * 64 + " - - 0\n", "a" * 1_000_000, "1 " + "a" * 64 + " " + "b" * 64 + " - 1", "\0", "<b>"]


class KeyScenarios:
    """Subclasses say of which kind the sides are."""

    @pytest.fixture
    def anna(self) -> NewSide:
        return NativeSide

    @pytest.fixture
    def ben(self) -> NewSide:
        return NativeSide

    def test_two_sides_agree_and_nothing_but_the_agreed_key_is_read_in_the_end(
        self, anna: NewSide, ben: NewSide
    ) -> None:
        wire = Wire(anna(), ben())
        wire.settle()
        wire.agreed()

    @pytest.mark.parametrize("seed", range(12))
    def test_in_whatever_order_it_arrives_nobody_sends_what_the_other_cannot_read(
        self, anna: NewSide, ben: NewSide, seed: int
    ) -> None:
        chance, wire = random.Random(seed), Wire(anna(), ben())
        steps = [getattr(wire, name) for name in ("post", "deliver", "read")]
        for _ in range(40):
            chance.choice(steps)(chance.choice(("anna", "ben")))
            wire.check()
            wire.now_s += 0.05
        wire.settle()
        wire.agreed()

    def test_the_session_key_is_read_until_what_was_on_its_way_has_arrived(self, anna: NewSide, ben: NewSide) -> None:
        wire = Wire(anna(), ben())
        wire.settle(ON_ITS_WAY_S / 2)
        shown = wire.shown("anna")
        assert shown.use.sends_agreed
        assert (shown.use.given, shown.words, shown.origin) == (SESSION_KEY, (), KeyOrigin.AGREEING)

    def test_a_half_that_is_changed_on_its_way_is_refused(self, anna: NewSide, ben: NewSide) -> None:
        other = Pair()

        def change(offer: str) -> str:
            parsed = parse_offer(offer)
            return offer.replace(parsed.half, other.half) if parsed and parsed.half else offer

        wire = Wire(anna(), ben(), change)
        wire.settle()
        shown = wire.shown("ben")
        assert (shown.origin, shown.words, shown.use.agreed) == (KeyOrigin.REFUSED, (), None)
        assert wire.shown("anna").origin is KeyOrigin.AGREEING
        assert wire.shown("anna").use.given == SESSION_KEY

    def test_who_stands_between_with_halves_of_their_own_gives_both_other_words(
        self, anna: NewSide, ben: NewSide
    ) -> None:
        to_anna, to_ben = Wire(anna(), NativeSide()), Wire(NativeSide(), ben())
        to_anna.settle()
        to_ben.settle()
        assert to_anna.agreed() != to_ben.agreed()

    def test_a_half_is_revealed_to_the_commitment_it_is_bound_to_and_to_no_other(
        self, anna: NewSide, ben: NewSide
    ) -> None:
        wire = Wire(anna(), ben())
        first = parse_offer(wire.shown("anna").offer)
        wire.settle()
        bound = parse_offer(wire.shown("anna").offer)
        assert first is not None
        assert bound is not None
        assert (first.half, bound.commitment) == ("", first.commitment)
        assert commitment_to(bytes.fromhex(bound.half)) == first.commitment
        wire.sides["anna"].take(f"1 {Pair().commitment} - - 0", wire.now_s)
        again = parse_offer(wire.shown("anna").offer)
        assert again is not None
        assert again.half != bound.half

    def test_another_device_or_a_reload_gives_other_words_on_both_sides_and_they_are_called_new(
        self, anna: NewSide, ben: NewSide
    ) -> None:
        wire = Wire(anna(), ben())
        wire.settle()
        before = wire.agreed()
        assert not wire.shown("anna").words_changed
        wire.replace("ben", ben())
        wire.settle(0.5)
        assert wire.shown("anna").words == ()
        wire.settle()
        assert wire.agreed() != before
        assert wire.shown("anna").words_changed

    def test_after_a_goodbye_nothing_is_sent_under_what_was_agreed_on_with_who_is_gone(
        self, anna: NewSide, ben: NewSide
    ) -> None:
        wire = Wire(anna(), ben())
        wire.settle()
        before, anna_side = wire.agreed(), wire.sides["anna"]
        anna_side.peer_has_left()
        assert wire.shown("anna").use == KeyUse(SESSION_KEY), "whoever comes next can read it"
        assert wire.shown("anna").words == ()
        anna_side.take(wire.shown("ben").offer, wire.now_s)  # said before they left, and told late
        assert wire.shown("anna").use == KeyUse(SESSION_KEY)
        wire.replace("ben", ben())
        wire.settle()
        assert wire.agreed() != before
        assert wire.shown("anna").words_changed

    def test_both_may_come_with_another_device_at_once(self, anna: NewSide, ben: NewSide) -> None:
        wire = Wire(anna(), ben())
        wire.settle()
        before = wire.agreed()
        wire.replace("ben", ben())
        wire.post("ben")
        wire.replace("anna", anna())
        wire.settle()
        assert wire.agreed() != before

    def test_a_rejoin_goes_on_under_the_same_key_all_the_time(self, anna: NewSide, ben: NewSide) -> None:
        wire = Wire(anna(), ben())
        wire.settle()
        before = wire.agreed()
        anna_side = wire.sides["anna"]
        anna_side.peer_is_away()
        wire.now_s += 60
        anna_side.take("", wire.now_s)  # they are back, and their attribute is not yet
        wire.now_s += SILENT_AFTER_S / 2
        anna_side.take("", wire.now_s)
        assert wire.agreed() == before
        wire.settle()
        assert wire.agreed() == before
        assert not wire.shown("anna").words_changed

    def test_who_says_nothing_for_long_gets_the_session_key_and_the_agreed_one_once_they_speak(
        self, anna: NewSide, ben: NewSide
    ) -> None:
        wire = Wire(anna(), ben())
        wire.settle()
        before = wire.agreed()
        for _ in range(2):
            wire.sides["anna"].take("", wire.now_s)
            wire.now_s += SILENT_AFTER_S
        shown = wire.shown("anna")
        assert (shown.use.given, shown.use.sends_agreed, shown.words) == (SESSION_KEY, False, ())
        assert shown.origin is KeyOrigin.GIVEN
        wire.settle()
        assert wire.agreed() == before

    def test_an_earlier_version_gets_the_session_key(self, anna: NewSide) -> None:
        one = anna()
        for now_s in range(8):
            one.take("", float(now_s))
            shown = one.shown(float(now_s))
            assert (shown.use.given, shown.use.agreed, shown.use.sends_agreed) == (SESSION_KEY, None, False)
            assert (shown.origin, shown.words) == (KeyOrigin.GIVEN, ())

    @pytest.mark.parametrize("half", SMALL_ORDER)
    def test_a_half_that_gives_the_secret_away_is_refused(self, anna: NewSide, half: str) -> None:
        one = anna()
        own = one.shown(0).offer.split()[1]
        commitment = commitment_to(bytes.fromhex(half))
        one.take(f"1 {commitment} - - 0", 0)
        one.take(f"1 {commitment} {own} {half} 3", 0)
        shown = one.shown(0)
        assert (shown.origin, shown.use.agreed, shown.use.sends_agreed) == (KeyOrigin.REFUSED, None, False)

    def test_ones_own_offer_sent_back_is_refused(self, anna: NewSide) -> None:
        one = anna()
        one.take(one.shown(0).offer, 0)
        shown = one.shown(0)
        assert (shown.origin, shown.use.agreed) == (KeyOrigin.REFUSED, None)

    def test_what_is_no_offer_stops_nothing(self, anna: NewSide, ben: NewSide) -> None:
        wire = Wire(anna(), ben())
        for value in MALFORMED:
            wire.sides["anna"].take(value, wire.now_s)
        assert wire.shown("anna").use.agreed is None
        wire.settle()
        wire.agreed()
        for value in MALFORMED:
            wire.sides["anna"].take(value, wire.now_s)
        wire.agreed()

    def test_a_flood_of_commitments_ends_in_an_agreement_with_who_is_there(self, anna: NewSide, ben: NewSide) -> None:
        wire = Wire(anna(), ben())
        wire.settle()
        for number in range(50):
            wire.sides["anna"].take(f"1 {number:064x} - - 0", wire.now_s)
            assert wire.shown("anna").use.given == SESSION_KEY
        wire.settle()
        wire.agreed()

    def test_a_key_of_another_agreement_that_can_be_read_does_not_count(self, anna: NewSide) -> None:
        one, other = anna(), Pair()
        own = one.shown(0).offer.split()[1]
        one.take(str(Offer(other.commitment, own, other.half, Step.SENDS)), 0)
        one.on_readable("0" * 64, 0)
        assert not one.shown(0).use.sends_agreed
        one.on_readable(one.shown(0).use.agreed or "", 0)
        assert one.shown(0).use.sends_agreed

    def test_a_step_claimed_without_a_half_for_this_side_counts_for_nothing(self, anna: NewSide) -> None:
        one, other = anna(), Pair()
        one.take(str(Offer(other.commitment)), 0)
        for step in Step:
            if step:
                one.take(f"1 {other.commitment} {Pair().commitment} {other.half} {step:d}", 0)
            assert (one.shown(0).use.agreed, one.shown(0).use.sends_agreed) == (None, False)
