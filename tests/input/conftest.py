"""The ledgers of tests.exchange, which fill the same way."""

from tests.exchange.conftest import emptied as emptied
from tests.exchange.conftest import fresh as fresh
