"""PHEME and RumourEval: support, deny, query and comment become stances on a rumour."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.recipes.taken import Taken, taken


@pytest.fixture
def pheme(run: Run) -> Taken:
    return taken(run, "pheme", "pheme.json")


def _stance(ledger: Taken, tweet: int) -> str:
    stance: str = ledger.claim(source=f"Author of tweet 7000000000000000{tweet:02}")["stance"]
    return stance


def test_the_tweet_that_began_a_conversation_takes_its_stance_by_support(pheme: Taken) -> None:
    assert [_stance(pheme, tweet) for tweet in (1, 2, 3)] == ["asserts", "denies", "relays"]


def test_who_agrees_with_a_denial_denies(pheme: Taken) -> None:
    assert _stance(pheme, 21) == "denies"
    assert _stance(pheme, 11) == "denies"  # disagrees with a tweet that supports
    assert _stance(pheme, 13) == "asserts"  # agrees with it, though not with the reply before


def test_an_appeal_for_more_information_questions(pheme: Taken) -> None:
    assert _stance(pheme, 22) == "questions"


def test_a_comment_is_kept_and_takes_no_side(pheme: Taken) -> None:
    assert _stance(pheme, 12) == "relays"
    assert "comment" in pheme.claim(source="Author of tweet 700000000000000012")["note"]


def test_the_posts_of_a_conversation_are_on_one_rumour_of_one_event(pheme: Taken) -> None:
    on = pheme.claims(proposition="rumour-700000000000000001")
    assert len(on) == 4
    assert {row["event"] for row in on} == {"harbourfire"}


def test_a_reply_answers_the_tweet_that_began_the_conversation(pheme: Taken) -> None:
    began = pheme.claim(source="Author of tweet 700000000000000001")
    reply = pheme.claim(source="Author of tweet 700000000000000011")
    assert reply["answers"] == began["claim"]
    assert "witnessed" in reply["note"]


def test_every_line_but_the_remarks_is_a_claim(pheme: Taken) -> None:
    assert len(pheme.claims()) == 9


def test_a_reply_to_a_tweet_that_the_file_lacks_takes_no_side(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "lone.json"
    file.write_text('{"threadid": "7", "tweetid": "8", "responsetype-vs-source": "agreed"}\n')
    run("import", str(file), "--recipe", "pheme")
    (row,) = Taken(run, "").claims()
    assert (row["stance"], row["answers"]) == ("relays", None)


def test_importing_pheme_again_adds_nothing(pheme: Taken) -> None:
    assert "nothing to add" in taken(pheme.run, "pheme", "pheme.json").said


def test_a_key_of_rumoureval_gives_stances_and_findings(run: Run) -> None:
    ledger = taken(run, "rumoureval", "rumoureval-2019.json")
    assert {row["source"].removeprefix("Author of post "): row["stance"]
            for row in ledger.claims()} == {
        "700000000000000001": "asserts",
        "700000000000000011": "denies",
        "700000000000000012": "relays",
        "e4x9q1z": "questions",
        "e5a0aaa": "denies",
    }  # fmt: skip
    assert ledger.proposition("700000000000000001")["verdict"] == "refuted"
    assert ledger.proposition("e5a0bbb")["verdict"] == "supported"
    assert ledger.proposition("700000000000000002")["verdict"] == "open"


def test_the_key_of_2017_is_the_whole_file(run: Run) -> None:
    ledger = taken(run, "rumoureval", "rumoureval-2017.json")
    assert [row["stance"] for row in ledger.claims()] == ["asserts", "denies", "relays"]


def test_a_post_of_twitter_has_its_address_and_one_of_reddit_has_none(run: Run) -> None:
    ledger = taken(run, "rumoureval", "rumoureval-2019.json")
    urls = {row["document"]: row["url"] for row in ledger.rows("SELECT * FROM documents")}
    assert urls["post-700000000000000001"] == "https://twitter.com/i/status/700000000000000001"
    assert urls["post-e4x9q1z"] is None
