import pytest

from temp_redirects.core.traffic import MAX_THRESHOLDS, Traffic

START = 1_000.0  # seconds
LIMITS = (20.0, 15.0)  # requests per second: on from, off below


def flood(traffic, since, requests, seconds=10.0):
    for number in range(requests):
        traffic.count(since + seconds * number / requests)


def test_the_rate_is_that_of_the_last_ten_seconds():
    traffic = Traffic()
    flood(traffic, START, 100)
    assert traffic.rate(START + 9.9) == 10.0
    assert traffic.rate(START + 14.9) == pytest.approx(5.0, abs=0.5)
    assert traffic.rate(START + 20) == 0.0
    assert traffic.rate(START + 1_000_000) == 0.0


def test_a_clock_that_stands_still_counts_on():
    traffic = Traffic()
    traffic.count(START)
    traffic.count(START - 5)  # another thread read the clock before
    assert traffic.rate(START) == 0.2


def test_it_is_high_from_one_rate_on_and_until_below_another():
    traffic = Traffic()
    assert not traffic.is_high(LIMITS, START)
    flood(traffic, START, 200)
    assert traffic.is_high(LIMITS, START + 9.9)
    assert traffic.is_high(LIMITS, START + 12)  # 16 to 17: it has not calmed down
    assert not traffic.is_high(LIMITS, START + 13)
    flood(traffic, START + 20, 170)
    assert not traffic.is_high(LIMITS, START + 29.9)  # as high as before, and not on


def test_what_nobody_asked_meanwhile_is_followed_all_the_same():
    traffic = Traffic()
    traffic.is_high(LIMITS, START)
    flood(traffic, START, 200)
    flood(traffic, START + 20, 170)  # between them it was calm
    assert not traffic.is_high(LIMITS, START + 29.9)


def test_each_pair_of_thresholds_has_its_own_state():
    traffic = Traffic()
    flood(traffic, START, 200)
    assert traffic.is_high((10, 5), START + 9.9)
    assert not traffic.is_high((30, 5), START + 9.9)


def test_thresholds_are_remembered_in_bounds():
    traffic = Traffic()
    for number in range(MAX_THRESHOLDS + 1):
        traffic.is_high((number + 1.0, 1.0), START)
    assert len(traffic._high) == 1
