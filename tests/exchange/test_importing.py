"""What an import takes, what it refuses, and how it says so."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import journal, schema
from ledger.errors import BadFileError
from ledger.exchange.importing import import_path
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source
from tests.exchange.conftest import Import, take_into, wide

NEW = "proposition,source,stance,proposition_text,kind\nthey-came,Ministry,denies,They came.,fact\n"


@pytest.fixture
def known(store: Store) -> Store:
    """A ledger that knows a fact, a count, a document and two sources."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_fact(draft, "they-came")
        a_count(draft, "killed")
        pentagon = a_source(draft, "Pentagon", kind="government")
        draft.insert("source_alias", {"source_id": pentagon, "name": "DoD"})
        a_source(draft, "Ministry")
        a_document(draft, "article")
    return store


def claims(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    with store.reader() as connection:
        rows = connection.execute(
            sa.text(f"SELECT {', '.join(columns)} FROM claims ORDER BY claim")
        )
        return [tuple(row) for row in rows]


def faults(store: Store, text: str, name: str = "claims.csv", **options: Any) -> list[str]:
    """Every bad row of a file as `line column: what`; nothing of the file is imported."""
    with store.reader() as connection:
        before = connection.execute(sa.select(sa.func.count(schema.entry.c.id))).scalar()
    with pytest.raises(BadFileError) as refused:
        take_into(store, text, name, **options)
    with store.reader() as connection:
        after = connection.execute(sa.select(sa.func.count(schema.entry.c.id))).scalar()
    assert before == after
    assert all(row.file == name for row in refused.value.rows)
    return [f"{row.line} {row.problem}" for row in refused.value.rows]


def test_one_file_is_enough_for_an_empty_ledger(store: Store, take: Import) -> None:
    done = take(NEW)
    assert (done.entries, done.added["claim"], done.added["source"]) == ((1,), 1, 1)
    assert claims(store, "claim", "proposition_text", "source", "stance") == [
        (1, "They came.", "Ministry", "denies")
    ]


def test_the_same_file_again_adds_nothing(store: Store, take: Import) -> None:
    take(NEW)
    again = take(NEW)
    assert again.entries == ()
    assert again.present["claim"] == 1
    assert sum(again.added.values()) == 0


def test_the_same_claim_twice_in_a_file_is_two_claims(store: Store, take: Import) -> None:
    twice = NEW + "they-came,Ministry,denies,They came.,fact\n"
    assert take(twice).added["claim"] == 2
    assert take(twice).added["claim"] == 0
    assert take(NEW).present["claim"] == 1


def test_what_is_answered_is_compared_by_content(known: Store) -> None:
    header = "claim,proposition,source,stance,answers,note\n"
    take_into(known, header + "5,they-came,Pentagon,asserts,,\n6,they-came,Ministry,denies,5,\n")
    moved = header + "1,they-came,Ministry,denies,2,\n2,they-came,Pentagon,asserts,,\n"
    assert take_into(known, moved).added["claim"] == 0
    other = header + "1,they-came,Ministry,denies,2,\n2,killed,Pentagon,denies,,\n"
    assert take_into(known, other).added["claim"] == 2
    assert claims(known, "claim", "answers") == [(1, None), (2, 1), (3, 4), (4, None)]


def test_claims_that_repeat_one_another_in_a_circle_are_known_again(known: Store) -> None:
    circle = (
        "claim,proposition,source,stance,repeats\n"
        "1,they-came,Pentagon,relays,2\n2,they-came,Ministry,relays,1\n"
    )
    assert take_into(known, circle).added["claim"] == 2
    assert take_into(known, circle).added["claim"] == 0


def test_another_status_is_noted_and_not_taken(known: Store) -> None:
    header = "proposition,source,stance,status,because\n"
    take_into(known, header + "they-came,Pentagon,asserts,,\n")
    done = take_into(known, header + "they-came,Pentagon,asserts,refuted,a film shows it\n")
    assert done.added["claim"] == 0
    assert done.notes[0] == ("line 2: status “refuted”, but claim 1 has “unreviewed”; not changed")
    assert claims(known, "status") == [("unreviewed",)]


def test_a_source_is_known_by_alias_and_whatever_its_case(known: Store) -> None:
    take_into(known, "proposition,source,stance,via\nthey-came,DoD,asserts,MINISTRY\n")
    assert claims(known, "source", "via") == [("Pentagon", "Ministry")]


def test_a_source_that_goes_by_its_other_name_first_has_its_own(store: Store, take: Import) -> None:
    header = "proposition,source,stance,source_aliases,proposition_text,kind\n"
    take(f"{header}came,DoD,denies,,They came.,fact\ncame,Pentagon,denies,DoD,They came.,fact\n")
    with store.reader() as connection:
        names = connection.execute(sa.select(schema.source.c.name)).scalars().all()
        aliases = connection.execute(sa.select(schema.source_alias.c.name)).scalars().all()
    assert (names, aliases) == (["Pentagon"], ["DoD"])


def test_a_name_that_looks_like_a_known_one_is_refused(known: Store) -> None:
    text = "proposition,source,stance\nthey-came,The Pentagon,asserts\n"
    (fault,) = faults(known, text)
    assert fault.startswith("2 source: “The Pentagon” looks like “Pentagon”")
    assert take_into(known, text, new=True).added["source"] == 1


def test_two_new_names_of_one_file_are_held_against_each_other(known: Store) -> None:
    rows = "they-came,Bloomberg,asserts\nthey-came,Bloomberg.,asserts\n"
    (fault,) = faults(known, "proposition,source,stance\n" + rows)
    assert fault.startswith("3 source: “Bloomberg.” looks like “Bloomberg”")
    settled = "proposition,source,stance,source_aliases\n" + rows.replace("asserts", "asserts,")
    assert take_into(known, settled).added["source"] == 2


def test_every_bad_row_is_named_at_once(known: Store) -> None:
    text = (
        "claim,proposition,source,stance,low,high,answers,stated_on\n"
        "1,they-come,Pentagon,asserts,,,,\n"
        "2,they-came,Pentagon,assert,,,,\n"
        "3,killed,Pentagon,asserts,9,5,,\n"
        "4,they-came,Pentagon,asserts,3,,,\n"
        "5,killed,Pentagon,asserts,many,,,\n"
        "6,they-came,Pentagon,asserts,,,9,\n"
        "7,they-came,Pentagon,asserts,,,,2018-02-30\n"
        "7,they-came,,asserts,,,,\n"
        "8,they-came\n"
    )
    assert faults(known, text) == [
        (
            "2 proposition: proposition “they-come” is not in the ledger (allowed: did you mean "
            "“they-came”? another proposition, or add the columns proposition_text and kind)"
        ),
        (
            "3 stance: “assert” is not known (allowed: asserts, concedes, denies, disputes, "
            "cannot-confirm, cannot-rule-out, neither-confirms-nor-denies, no-comment, "
            "no-response, deflects, relays, questions, retracts)"
        ),
        "4 low: 9 is above high 5 (allowed: low at most high)",
        (
            "5 low: “3” is a count, but the proposition asks yes or no (allowed: a count "
            "proposition, or no count)"
        ),
        "6 low: “many” is no whole number (allowed: digits alone)",
        (
            "6 wording: the proposition asks how many, and the claim does not say (allowed: low "
            "and high, or the source's own number words)"
        ),
        "7 answers: no claim of this file has the number 9 (allowed: a number in the column claim)",
        "8 stated_on: “2018-02-30” is no date in the calendar",
        "9 claim: 7 is the number of line 8 too (allowed: once)",
        "9 source: is missing",
        (
            "10 row: has 2 cells where the header has 8 (allowed: 8 cells; quote those that hold a "
            "comma)"
        ),
    ]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "proposition,sauce,stance",
            [
                "1 sauce: this column is not known (allowed: did you mean source?)",
                (
                    "1 source: this column is missing (allowed: the columns proposition, source, "
                    "stance)"
                ),
            ],
        ),
        (
            "proposition,source,stance,source",
            ["1 source: the header names this column twice (allowed: once)"],
        ),
        (
            "proposition,source,stance,said_on",
            ["1 said_on: this column is not known (allowed: did you mean stated_on?)"],
        ),
        ("proposition,source,stance,", ["1 header: column 4 has no name (allowed: a name)"]),
    ],
)
def test_a_header_that_will_not_do_is_told_by_column(
    known: Store, header: str, expected: list[str]
) -> None:
    assert faults(known, header + "\n") == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("proposition;who;stance\nthey-came;DoD;denies\n", "has its cells parted by semicolons"),
        ("sep=,\nproposition,source,stance\n", "begins with “sep=”, a mark of spreadsheets"),
        ("# from the desk, 2018\nproposition,source,stance\n", "begins with a remark, “# from the"),
        ("\n", "is empty"),
        ("\r\n,,\n", "is empty"),
    ],
)
def test_a_first_line_that_is_no_header_is_told_what_it_is(
    known: Store, text: str, said: str
) -> None:
    with pytest.raises(BadFileError) as raised:
        take_into(known, text)
    assert said in raised.value.message
    assert raised.value.rows == ()
    assert "assessments" not in f"{raised.value.message} {raised.value.hint}"


def test_a_header_of_nothing_known_is_held_against_that_of_claims(known: Store) -> None:
    with pytest.raises(BadFileError) as raised:
        take_into(known, "who,what\nDoD,denies\n")
    assert raised.value.hint.startswith("the columns of claims.csv")


def test_capitals_in_a_header_do_not_matter(known: Store) -> None:
    take_into(known, "Proposition, SOURCE,Stance\nthey-came,Pentagon,asserts\n")
    assert claims(known, "stance") == [("asserts",)]


def test_what_contradicts_the_ledger_is_refused(known: Store) -> None:
    text = NEW.replace("They came.", "They left.")
    assert faults(known, text) == [
        (
            "2 proposition_text: “They left.” contradicts the ledger on proposition “they-came” "
            "(allowed: “It is so: they-came”, or nothing)"
        )
    ]


def test_what_one_file_says_twice_must_agree(store: Store) -> None:
    text = NEW + "they-came,Ministry,denies,They left.,fact\n"
    assert faults(store, text) == [
        (
            "3 proposition_text: “They left.” contradicts line 2 of claims.csv on “they-came” "
            "(allowed: the same in every row)"
        )
    ]


def test_an_older_finding_is_noted_and_not_taken(known: Store) -> None:
    text = "proposition,source,stance,verdict,finding_because\nthey-came,DoD,denies,mixed,so\n"
    done = take_into(known, text)
    assert done.notes == (
        "proposition “they-came”: verdict “mixed” in line 2, “open” in the ledger; not changed",
        (
            "proposition “they-came”: finding_because “so” in line 2, nothing in the ledger; "
            "not changed"
        ),
    )


def test_number_words_give_the_range(known: Store) -> None:
    rows = "killed,DoD,asserts,more than 100,\nkilled,DoD,denies,a great many,\n"
    done = take_into(known, "proposition,source,stance,wording,low\n" + rows)
    assert claims(known, "low", "high", "wording") == [
        (101, None, "more than 100"), (None, None, "a great many"),
    ]  # fmt: skip
    assert done.notes == (
        (
            "no convention covers the wording “a great many” (line 3): its range is left open; "
            "give low and high where it is known"
        ),
    )


def test_a_range_that_was_left_open_comes_back_open(known: Store) -> None:
    take_into(known, "proposition,source,stance,wording,low\nkilled,DoD,asserts,dozens,open\n")
    assert claims(known, "low", "high") == [(None, None)]
    assert ",open,,dozens," in wide(known)


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [("2018-02-08", date(2018, 2, 8), "day"), ("2018-02", date(2018, 2, 1), "month"),
     ("2018", date(2018, 1, 1), "year")],
)  # fmt: skip
def test_a_date_is_as_exact_as_it_is_written(
    known: Store, text: str, day: date, precision: str
) -> None:
    take_into(known, f"proposition,source,stance,stated_on\nthey-came,DoD,denies,{text}\n")
    with known.reader() as connection:
        row = connection.execute(sa.select(schema.claim)).one()
    assert (row.stated_on, row.stated_precision) == (day, precision)


def test_text_stays_text(known: Store) -> None:
    header = "proposition,source,stance,quote,note\n"
    take_into(known, header + "they-came,DoD,denies,007,NA\nthey-came,DoD,asserts,1-2,'=1+1\n")
    assert claims(known, "quote", "note") == [("007", "NA"), ("1-2", "=1+1")]


def test_hostile_text_is_quoted_safely(known: Store) -> None:
    (fault,) = faults(known, "proposition,source,stance\nthey-came,DoD,\x1b[2J\u202e\n")
    assert "\x1b" not in fault
    assert "\u202e" not in fault


def test_one_table_may_come_alone(known: Store) -> None:
    done = take_into(known, "name,kind,member_of\nCENTCOM,government,Pentagon\n", "sources.csv")
    assert (done.added["source"], done.present["source"]) == (1, 1)


def test_members_of_one_another_are_refused(store: Store) -> None:
    rows = "name,member_of\nAlpha,Omega\nOmega,Alpha\n"
    assert faults(store, rows, "sources.csv") == [
        "2 member_of: “Alpha” would be a member of itself, through others",
        "3 member_of: “Omega” would be a member of itself, through others",
    ]


def test_another_sources_name_is_no_alias(known: Store) -> None:
    rows = "name,aliases\nCENTCOM,command; DoD\n"
    assert faults(known, rows, "sources.csv") == [
        "2 aliases: “DoD” is another source's (allowed: one of its own)"
    ]


def test_a_folder_is_all_or_nothing(known: Store, tmp_path: Any) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "sources.csv").write_text("name\nTASS\n")
    (folder / "claims.csv").write_text("claim,proposition,source,stance\n1,they-came,TASS,relays\n")
    (folder / "assessments.csv").write_text(
        "claim,status,because\n1,unverified,no second source\n1,confirmed,seen\n2,refuted,\n"
    )
    with pytest.raises(BadFileError) as refused:
        import_path(known, folder, recorded_by="maria", recorded_at=NOON)
    assert [f"{row.file} {row.line} {row.problem}" for row in refused.value.rows] == [
        (
            "assessments.csv 4 claim: no claim of this folder has the number 2 (allowed: a claim's "
            "number in claims.csv)"
        )
    ]
    (folder / "assessments.csv").write_text(
        "claim,status,because\n1,unverified,no second source\n1,confirmed,seen\n"
    )
    done = import_path(known, folder, recorded_by="maria", recorded_at=NOON)
    assert done.entries == (2, 3)
    assert claims(known, "status", "because") == [("confirmed", "seen")]
    (folder / "claim.csv").write_text("x\n")
    with pytest.raises(BadFileError, match=r"claim\.csv is no table") as stray:
        import_path(known, folder, recorded_by="maria", recorded_at=NOON)
    assert stray.value.hint == "did you mean claims.csv?"


@pytest.mark.parametrize("path", ["../secret.txt", "texts/../../secret.txt", "/etc/hostname"])
def test_a_folder_reads_no_text_from_elsewhere(store: Store, tmp_path: Any, path: str) -> None:
    folder = tmp_path / "folder"
    (folder / "texts").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "documents.csv").write_text(f"slug,title,text_file\nd,D,{path}\n")
    with pytest.raises(BadFileError) as refused:
        import_path(store, folder, recorded_by="maria", recorded_at=NOON)
    assert "is no file in the folder's texts" in str(refused.value.rows[0].problem)


def test_a_text_must_be_the_one_that_was_hashed(store: Store, tmp_path: Any) -> None:
    folder = tmp_path / "folder"
    (folder / "texts").mkdir(parents=True)
    (folder / "texts" / "d.txt").write_text("altered")
    (folder / "documents.csv").write_text(
        f"slug,title,sha256,text_file\nd,D,{'0' * 64},texts/d.txt\n"
    )
    with pytest.raises(BadFileError) as refused:
        import_path(store, folder, recorded_by="maria", recorded_at=NOON)
    assert "SHA-256" in str(refused.value.rows[0].problem)


def test_a_quote_must_stand_in_the_attached_text(known: Store) -> None:
    with journal.entry(known, recorded_by="maria", recorded_at=NOON) as draft:
        draft.update("document", 1, {"text": "They came at dawn."})
    text = "proposition,source,stance,document,quote\nthey-came,DoD,asserts,article,{}\n"
    (fault,) = faults(known, text.format("at dusk"))
    assert fault.startswith("2 quote: “at dusk” is not in the document's attached text")
    assert take_into(known, text.format("at dawn")).added["claim"] == 1


def test_claims_that_are_there_are_found_among_others(known: Store) -> None:
    with journal.entry(known, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, source="Ministry", on="they-came", stance="denies")
    assert take_into(known, wide(known)).entries == ()


TIED = "claim,proposition,source,stance,repeats,stated_on\n"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (
            "1,they-came,Pentagon,asserts,,\n2,killed,Ministry,denies,1,\n",
            "3 repeats: the row repeats claim 1, which is on another proposition",
        ),
        (
            "1,they-came,Pentagon,asserts,2,\n2,they-came,Ministry,denies,,\n",
            "2 repeats: the row repeats claim 2, which is of another side (denies, not asserts)",
        ),
        (
            "1,they-came,Pentagon,asserts,,\n2,they-came,Ministry,retracts,,\n",
            "3 stance: the row takes back what its source has not said on this proposition",
        ),
        (
            "1,they-came,Pentagon,asserts,,2018-03-01\n2,they-came,Pentagon,retracts,,2018-02\n",
            "3 stance: the row takes back what its source has not said on this proposition",
        ),
        (
            "1,they-came,Pentagon,asserts,,2031-01-01\n",
            "2 stated_on: 2031-01-01 is later than today, 2026-03-01",
        ),
    ],
)
def test_ties_that_cannot_be_are_told_with_their_row(known: Store, rows: str, fault: str) -> None:
    (found,) = faults(known, TIED + rows)
    assert found.startswith(fault)


def test_ties_that_can_be_are_taken(known: Store) -> None:
    rows = (
        "1,they-came,Pentagon,retracts,,2018-02\n2,they-came,DoD,asserts,,2018-02-20\n"
        "3,they-came,Ministry,relays,2,2026-03-02\n4,they-came,Ministry,asserts,3,\n"
    )
    assert take_into(known, TIED + rows).added["claim"] == 4


def test_what_is_taken_back_may_be_in_the_ledger(known: Store) -> None:
    retraction = TIED + "1,they-came,DoD,retracts,,2018-02-20\n"
    (fault,) = faults(known, retraction)
    take_into(known, TIED + "1,they-came,Pentagon,asserts,,2018-03\n")
    assert faults(known, retraction) == [fault]
    take_into(known, TIED + "1,they-came,Pentagon,denies,,\n")
    assert take_into(known, retraction).added["claim"] == 1


def test_a_document_of_tomorrow_is_taken_and_a_later_one_told(known: Store) -> None:
    header = "proposition,source,stance,document,document_title,published_on\n"
    row = "they-came,Ministry,denies,d,D,2026-03-0"
    (fault,) = faults(known, header + row + "3\n")
    assert fault.startswith("2 published_on: 2026-03-03 is later than today, 2026-03-01")
    assert take_into(known, header + row + "2\n").added["document"] == 1
