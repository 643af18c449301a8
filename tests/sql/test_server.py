"""Hostile SQL on a server changes nothing, makes no file and ends in time, whoever asks."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from ledger import query, roles
from ledger.confining import Limits
from ledger.errors import QueryError
from ledger.pgwords import RELATIONS
from ledger.sqlwords import Relation
from ledger.statement import Statement
from tests.sql.attacks import REFUSED, STOPPED, Attack, end
from tests.sql.desks import Desk, a_desk
from tests.sql.server_attacks import ATTACKS, ENDLESS, HARMLESS

#: Small, so that all attacks run in the time of one.
TIGHT = Limits(seconds=0.2, size=4 << 20, memory=64 << 20)

#: For what must end in another way than by the clock, on however busy a machine.
PATIENT = Limits(seconds=60, size=4 << 20, memory=64 << 20)


@pytest.fixture(scope="module")
def desk(server: sa.URL) -> Iterator[Desk]:
    """A ledger that is, after all that was tried on it, what it was before."""
    with a_desk(server, "attacked") as made:
        before = made.content()
        yield made
        assert made.content() == before


def _limits(attack: Attack) -> Limits:
    return TIGHT if STOPPED in attack.ends else PATIENT


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_attack_comes_to_what_it_must(
    desk: Desk, tmp_path: Path, attack: Attack, role: str
) -> None:
    said = ""
    began = time.monotonic()
    try:
        text = attack.sql.replace("{folder}", str(tmp_path))
        query.run(desk.stores[role], text, limits=_limits(attack))
    except QueryError as error:
        said = f"{error.message}|{error.hint}"
    assert end(said) in attack.ends, said
    assert len(said) < 600
    assert "\n" not in said
    assert time.monotonic() - began < (20 if STOPPED in attack.ends else 60)
    assert not list(tmp_path.iterdir())


#: What is refused whatever is asked of, now; and what pries, as of an entry too.
REFUSED_ALWAYS = [
    (attack, as_of)
    for attack in ATTACKS
    if attack.ends == {REFUSED}
    for as_of in ((None, 1) if attack.kind == "prying" else (None,))
]


@pytest.mark.parametrize(("attack", "as_of"), REFUSED_ALWAYS, ids=str)
def test_what_the_text_gives_away_is_stopped_by_what_the_server_understands_too(
    desk: Desk, attack: Attack, as_of: int | None
) -> None:
    statement = Statement(attack.sql, (), server=True)
    with (
        pytest.raises(QueryError),
        query.carry_out(desk.stores["owner"], statement, {}, as_of=as_of, limits=TIGHT) as answer,
    ):
        list(answer)


#: What would change something, but makes large objects: those everybody may on any server.
BY_HAND = [
    each
    for each in ATTACKS
    if each.kind in ("writes", "sessions", "files") and not re.search("lo_|sleep", each.sql)
]


@pytest.mark.parametrize("attack", BY_HAND, ids=str)
def test_a_reader_changes_nothing_by_hand_either(desk: Desk, attack: Attack) -> None:
    """By psql, without any of the program: the role alone is the barrier."""
    with desk.connection("reader") as connection:
        for start in ("", "BEGIN READ WRITE; ", "COMMIT; BEGIN READ WRITE; "):
            with suppress(psycopg.Error):
                connection.execute((start + attack.sql + "; COMMIT").encode())


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_statement_runs_as_a_role_that_only_reads(desk: Desk, role: str) -> None:
    ((user,),) = query.run(desk.stores[role], "SELECT current_user").rows
    assert user == roles.named(str(desk.address.database), "reader")


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
@pytest.mark.parametrize("as_of", [None, 1], ids=["now", "as-of"])
def test_every_documented_column_is_there_and_no_other(
    desk: Desk, relation: Relation, as_of: int | None
) -> None:
    answer = query.run(desk.stores["reader"], f"SELECT * FROM {relation.name}", as_of=as_of)
    assert answer.columns == list(relation.columns)


def test_as_of_an_entry_nothing_of_now_is_told(desk: Desk) -> None:
    ask = "SELECT source FROM claims ORDER BY claim"
    assert query.run(desk.stores["reader"], ask, as_of=1).rows == [("Ministry",)]
    assert query.run(desk.stores["reader"], ask).rows == [("Ministry",), ("Kremlin",)]
    for now in ("public.claims", 'public."claim"', '"public" /* . */ . entry'):
        with pytest.raises(QueryError, match="not as of"):
            query.run(desk.stores["owner"], f"SELECT * FROM {now}", as_of=1)
        statement = Statement(f"SELECT * FROM {now}", (), server=True)
        with (
            pytest.raises(QueryError, match="not as of"),
            query.carry_out(desk.stores["owner"], statement, {}, as_of=1) as answer,
        ):
            list(answer)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("SELECT true, false, NULL", (1, 0, None)),
        ("SELECT 7, 2::bigint ^ 3, 1.5, '-0.5'::numeric", (7, 8.0, 1.5, -0.5)),
        ("SELECT sum(claim), avg(claim), count(*) FROM claims", (3, 1.5, 2)),
        ("SELECT 12345678901234567890, 'a'", ("12345678901234567890", "a")),
        ("SELECT '\\x00ff'::bytea, date '2018-02-07'", ("00ff", "2018-02-07")),
        (
            "SELECT max(recorded_at), min(message) FROM entries",
            ("2026-03-01T12:00:00Z", None),
        ),
        (
            "SELECT '[1, null]'::jsonb, ARRAY[1, 2], interval '1 day'",
            ("[1, null]", "{1,2}", "1 day"),
        ),
        ("SELECT 1 AS x, 2 AS x", (1, 2)),
    ],
)
def test_values_are_text_numbers_or_nothing(desk: Desk, asked: str, answer: tuple[object]) -> None:
    assert query.run(desk.stores["reader"], asked).rows == [answer]


def test_a_parameter_has_the_type_of_what_it_is_compared_with(desk: Desk) -> None:
    ask = "SELECT claim FROM claims WHERE claim > :low AND source = :who"
    given = {"low": "1", "who": "Kremlin"}
    assert query.run(desk.stores["reader"], ask, parameters=given).rows == [(2,)]
    hostile = {"low": "1", "who": "' OR 1 = 1 -- \\' $$ %s :low"}
    assert query.run(desk.stores["reader"], ask, parameters=hostile).rows == []
    with pytest.raises(QueryError, match="needs a value for :low"):
        query.run(desk.stores["reader"], ask)
    with pytest.raises(QueryError, match=r"\$1 has no name"):
        query.run(desk.stores["reader"], "SELECT $1")


@pytest.mark.parametrize(
    ("asked", "said", "hint"),
    [
        ("SELECT sorce FROM claims", "sorce", "did you mean source"),
        ("SELECT quote FROM stance", "quote", "a column of claims"),
        ("SELECT * FROM claimz", "claimz", "did you mean claim"),
        ("SELECT * FORM claims", "FORM", "did you mean FROM"),
        ("SELECT ifnull(1, 2)", "ifnull", "coalesce"),
        ('SELECT claim FROM claims WHERE source = "Kremlin"', "Kremlin", "single quotes"),
        ("SELECT status FROM claims, propositions JOIN claim ON true", "ambiguous", "whose it is"),
        ("SELECT * FROM claims WHERE source = ‘x’", "‘", "straight quotes"),
        ("SELECT (1, 2)", "record", ""),
        ("SELECT 1 / 0", "zero", ""),
        ("SELECT", "no columns", "name one"),
    ],
)
def test_a_mistake_is_told_with_what_was_meant(
    desk: Desk, asked: str, said: str, hint: str
) -> None:
    with pytest.raises(QueryError) as raised:
        query.run(desk.stores["reader"], asked)
    assert said in raised.value.message
    assert hint in (raised.value.hint or "")


def test_limits_of_rows_size_and_a_value_are_kept(desk: Desk) -> None:
    reader = desk.stores["reader"]
    many = "SELECT i, 'some words' AS w FROM generate_series(1, 5000) i ORDER BY i"
    answer = query.run(reader, many, limits=Limits(rows=2_500))
    assert answer.truncated
    assert [row[0] for row in answer.rows] == list(range(1, 2_501))
    assert len(query.run(reader, many).rows) == 5_000
    with pytest.raises(QueryError, match="the answer is larger than"):
        query.run(reader, many, limits=Limits(size=50_000))
    long = "SELECT string_agg('0123456789abcdef', '') FROM generate_series(1, 1100000)"
    with pytest.raises(QueryError, match="text or blob of over"):
        query.run(reader, long)


def test_a_plan_is_told_and_not_carried_out(desk: Desk) -> None:
    for ask in ("EXPLAIN", "explain query plan"):
        answer = query.run(desk.stores["reader"], f"{ask} SELECT count(*) FROM claims")
        assert answer.columns == ["plan"]
        assert "Aggregate" in answer.rows[0][0]


def test_a_statement_ends_at_the_server_with_whoever_asked(desk: Desk) -> None:
    address = desk.stores["reader"].url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "ledger", "--db", address, "sql", "--timeout", "0", ENDLESS[0]]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        _wait_until(lambda: _at_work(desk) == 1)
        process.kill()
    _wait_until(lambda: _at_work(desk) == 0)


def _at_work(desk: Desk) -> int:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename = %s"
    ((found,),) = desk.admin.execute(asked, [desk.stores["reader"].url.username]).fetchall()
    return int(found)


def _wait_until(so: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if so():
            return
        time.sleep(0.02)
    pytest.fail("it never came to that")


def test_the_table_is_large_and_says_how_each_ends() -> None:
    assert len({attack.sql for attack in ATTACKS}) == len(ATTACKS) >= 150
    assert len(HARMLESS) >= 15
