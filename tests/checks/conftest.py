"""Ledgers to be made afresh, as the tests of export make them."""

from tests.exchange.conftest import emptied, fresh

__all__ = ["emptied", "fresh"]
