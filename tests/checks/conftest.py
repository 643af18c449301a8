"""Ledgers to be made afresh, as the tests of export make them."""

from tests.exchange.conftest import fresh

__all__ = ["fresh"]
