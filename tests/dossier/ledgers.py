"""Ledgers to make dossiers of: a hostile one, and one in which much has happened."""

from datetime import date
from typing import Any

from ledger.journal import Draft
from tests.build import a_claim, a_count, a_document, a_fact, a_source, an_event, as_name

#: Texts that would run, load, close, steer or turn something, were they not made inert.
PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!-- x --><script>alert(1)</script><!--",
    "-->",
    "<![CDATA[ x ]]>",
    "]]>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "`onload=alert(1)`",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<https://evil.example/>",
    "[x]: https://evil.example/ 'y'",
    "{{ 7 * 7 }}{% raw %}{{ dossier }}",
    "{{ self.__init__.__globals__ }}",
    "&lt;script&gt;&#60;img src=x&#62;",
    "<a href='//evil.example'>x</a>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=https://evil.example><input name=x>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "url(https://evil.example/x)",
    "\x1b[31m\x07\x9b2J",
    "\u202ereversed\u2066\u200b\ufeff",
    "| a | b |\n| --- | --- |\n# heading\n- item\n```",
    "<math><mtext></form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "www.evil.example x@evil.example https://evil.example/",
)

#: Addresses that must never become links.
BAD_URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//http://",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "https:alert(1)",
)


def hostile(draft: Draft, payload: str) -> None:
    """An event, `hostile`, in which every text that may be anything is `payload`."""
    event = an_event(draft, "hostile", title=payload, place=payload, note=payload)
    outlet = a_source(draft, as_name(f"Outlet {payload}"), note=payload, side=payload)
    speaker = a_source(
        draft, as_name(f"Speaker {payload}"), note=payload, side=payload, member_of_id=outlet
    )
    document = a_document(
        draft, "page", title=payload, url="https://example.org/a?b=<c>&d='e\"",
        archive_url=BAD_URLS[0], publisher_id=outlet, note=payload,
    )  # fmt: skip
    count = a_count(
        draft, "many", text=payload, unit=payload, population=payload, note=payload,
        event_id=event, verdict="mixed", finding_low=3, because=payload,
    )  # fmt: skip
    fact = a_fact(draft, "so", text=payload, note=payload, event_id=event)
    relay = a_source(draft, as_name(f"Relay {payload}"))
    words: dict[str, Any] = {
        "quote": payload, "quote_prefix": payload, "quote_suffix": payload, "note": payload,
        "document_id": document, "via": relay, "status": "unverified", "because": payload,
    }  # fmt: skip
    first = a_claim(
        draft, source=speaker, on=count, low=5, high=9, wording=payload, said="2026-01-02", **words
    )
    a_claim(draft, source=outlet, on=count, stance="denies", low=5, wording=payload,
            said="2026-01-03", answers_id=first, **words)  # fmt: skip
    a_claim(draft, source=speaker, on=fact, stance="denies", answers_id=first,
            said="2026-01-04", **words)  # fmt: skip
    draft.insert("evidence", {"claim_id": first, "on_document_id": document, "note": payload})


LONG = "Independent Commission for the Verification of Casualty Claims"
ARABIC = "وزارة الدفاع السورية"


def awkward(draft: Draft) -> None:
    """An event, `awkward`: long names, Arabic, a circle, shifts, months, no dates, 40 claims."""
    event = an_event(draft, "awkward", title="Strike on the market of Khan Shaykhun", place=ARABIC)
    killed = a_count(draft, "killed", event_id=event, population="civilians")
    a_fact(draft, "never-spoken-of", event_id=event)
    held = a_fact(draft, "gas-was-used", event_id=event, text="استُخدم غاز في الهجوم على السوق")
    wire = a_document(draft, "wire", url="https://example.org/wire/2026/01/", language="ar",
                      title="بيان من وزارة الدفاع", published_on=None)  # fmt: skip
    a_source(draft, LONG, kind="organisation", reliability="B", side="None that it would own to")
    a_source(draft, ARABIC, kind="government", side="Syria")
    first = a_claim(draft, source=LONG, on=killed, low=40, high=99, wording="scores",
                    said="2026-01-05", document_id=wire,
                    quote="Scores of people were killed.")  # fmt: skip
    for number in range(36):
        a_claim(
            draft,
            source=f"Outlet number {number} of the province and its neighbours",
            on=killed,
            low=40 if number % 3 else number,
            high=99 if number % 3 else number + 4,
            repeats_id=first if number % 3 else None,
            said=f"2026-01-{number % 28 + 1:02}",
        )
    a_claim(draft, source=ARABIC, on=killed, stance="denies", quote="لا صحة لهذه الأنباء",
            document_id=wire)  # fmt: skip
    a_claim(draft, source=ARABIC, on=held, stance="denies", said="2026-01-03")
    a_claim(draft, source=ARABIC, on=held, stance="cannot-rule-out", said="2026-02-20")
    a_claim(draft, source=ARABIC, on=held, stance="concedes", stated_on=date(2026, 2, 1),
            stated_precision="month")  # fmt: skip
    a_claim(draft, source="Gazette", on=held, via="Courier", said="2026-01-06")
    a_claim(draft, source="Courier", on=held, via="Gazette", said="2026-01-06")
