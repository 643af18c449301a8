"""Status: the work queue – which claims wait for a judgement – and how the statuses stand."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger.model import STATUSES, UNREVIEWED
from ledger.reports import reading
from ledger.reports.docket import Docket, docket, fitting
from ledger.reports.filters import Filters, choose
from ledger.reports.frames import built, mapped, whole
from ledger.reports.versus import as_stated

COLUMNS = {
    "claim": "the claim's number",
    "status": "its verification status: unreviewed, contested, unverified or doubtful",
    "event": "slug of the event that the proposition is about",
    "proposition": "slug of the proposition",
    "source": "who speaks",
    "stance": "what the source does with the proposition",
    "quote": "the words quoted",
    "stated_on": "when it was said: a day, month or year; else the day of publication",
    "contested": "true where the proposition is contested (as in versus)",
    "origins": "independent origins that affirm or deny the proposition (a whole number)",
    "waiting_days": "days since the claim was first recorded, UTC (a whole number)",
    "because": "why it has that status",
    "touched_by": "the analyst who last recorded anything of it",
    "touched_at": "when, UTC",
}

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "claim": "#",
    "{status}; {because}": "status",
    "{source} {stance}; {proposition}; {contested?contested}": "claim",
    "waiting_days": "days",
    "touched_by": "last touched by",
}

TOTALS_COLUMNS = {
    "status": "verification status of a claim",
    "claims": "how many claims have it (a whole number)",
    "meaning": "what it means",
    "admiralty": "Admiralty credibility, 1 to 6; 6 is “cannot be judged” and never averaged",
    "airwars": "its counterpart among Airwars' grades",
    "averitec": "its counterpart among AVeriTeC's labels",
    "rumour": "its counterpart in rumour research",
}

TOTALS_BRIEF = {name: name for name in TOTALS_COLUMNS if name != "meaning"}

#: The statuses that still wait for a judgement, those nobody has looked at first.
WAITING = (UNREVIEWED, "contested", "unverified", "doubtful")


def status(connection: sa.Connection, *, today: date, **filters: Unpack[Filters]) -> pd.DataFrame:
    """List the claims that wait for a judgement: the work queue.

    `today` (a day, UTC) is what waiting is reckoned to. `filters` as in
    `ledger.reports.filters.Filters`; here `source`, `side`, `stance` and `status` choose claims.

    One row a claim that is not settled, sorted: unreviewed first; contested propositions first;
    more origins first; longest waiting first; then by number. Columns as COLUMNS tells: claim,
    origins and waiting_days (never below 0) Int64, contested bool, touched_at datetime64[s, UTC],
    the rest str or None. Raises NotFoundError for a filter that names nothing.
    """
    read = docket(connection, **filters)
    return framed(read, reading.records(connection, list(WAITING)), today)


def framed(read: Docket, records: Mapping[int, Any], today: date) -> pd.DataFrame:
    """The queue of a docket that has been read, with the claims' `records` by number."""
    claims = read.claims[fitting(read.claims, read.chosen)]
    claims = claims[
        claims["status"].isin(WAITING) & claims["proposition"].isin(read.propositions.index)
    ]
    about = read.propositions.loc[claims["proposition"].to_numpy()]
    found = [records[claim] for claim in claims["claim"].tolist()]
    waited = [max((today - record.recorded_at.date()).days, 0) for record in found]
    touched = np.array(
        [record.touched_at.replace(tzinfo=None) for record in found], dtype="datetime64[s]"
    )
    origins = (about["affirmed_origins"] + about["denied_origins"]).to_numpy(dtype=np.int64)
    stated = as_stated(claims[claims["since"].notna()].set_index("claim"))
    values = {
        "claim": whole(claims["claim"]),
        "source": claims["name"],
        "stated_on": mapped(claims["claim"].tolist(), stated),
        "contested": about["contested"].astype(bool),
        "origins": whole(origins),
        "waiting_days": whole(waited),
        "touched_at": pd.Series(touched).dt.tz_localize("UTC"),
    }
    values |= {name: claims[name] for name in ("status", "stance")}
    values |= {name: about[name] for name in ("event", "proposition")}
    values |= {
        name: [getattr(record, name) for record in found]
        for name in ("quote", "because", "touched_by")
    }
    queue = built(COLUMNS, values)
    reviewed = (queue["status"] != UNREVIEWED).to_numpy(dtype=np.bool_)
    keys = (claims["claim"], -np.array(waited, dtype=np.int64), -origins, ~about["contested"])
    order = np.lexsort((*(np.asarray(key) for key in keys), reviewed))
    return queue.iloc[order].reset_index(drop=True)


def status_totals(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Count the claims by status, with each status's counterpart in four other schemes.

    `filters` choose claims, as in `status`. Withdrawn claims are counted here, and only here.

    One row a status, also where no claim has it, in the order of the vocabulary. claims is Int64,
    the rest str or None. Raises NotFoundError for a filter that names nothing.
    """
    chosen = choose(connection, **filters)
    tallies = reading.tallies(connection, chosen)
    if chosen.contested is not None:
        kept = docket(connection, contested=chosen.contested).propositions.index
        tallies = tallies[tallies["proposition"].isin(kept)]
    counted = tallies.groupby("status")["claims"].sum().to_dict()
    values: dict[str, Any] = {
        name: [getattr(each, name) for each in STATUSES]
        for name in ("meaning", "admiralty", "airwars", "averitec", "rumour")
    }
    values["status"] = [each.code for each in STATUSES]
    values["claims"] = whole(mapped(values["status"], counted, 0))
    return built(TOTALS_COLUMNS, values)
