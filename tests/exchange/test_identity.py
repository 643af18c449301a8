from ledger.exchange.identity import Links, identities


def test_equal_contents_without_links_are_one() -> None:
    assert identities(["a", "b", "a"], [(None, None)] * 3) == [0, 1, 0]


def test_what_differs_far_down_a_chain_differs_at_its_top() -> None:
    chain: list[Links] = [(1, None), (2, None), (None, None), (4, None), (5, None), (None, None)]
    found = identities(["x", "y", "end", "x", "y", "other"], chain)
    assert found[0] != found[3]
    assert (
        identities(["x", "y", "end"] * 2, chain)[:3] == identities(["x", "y", "end"] * 2, chain)[3:]
    )


def test_to_answer_is_not_to_repeat() -> None:
    found = identities(["a", "a", "b"], [(2, None), (None, 2), (None, None)])
    assert found[0] != found[1]


def test_circles_are_compared_by_all_that_is_on_them() -> None:
    circles: list[Links] = [(None, 1), (None, 0), (None, 3), (None, 2), (None, 5), (None, 4)]
    found = identities(["a", "b", "a", "b", "a", "c"], circles)
    assert found[0] == found[2] != found[4]
    assert found[1] == found[3] != found[5]


def test_a_chain_as_long_as_a_ledger_is_no_trouble() -> None:
    length = 50_000
    links: list[Links] = [(place - 1 if place else None, None) for place in range(length)]
    assert len(set(identities(["same"] * length, links))) == length
