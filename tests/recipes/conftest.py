"""Recipes are tried on the command line, as users have them."""

from tests.cli.conftest import run

__all__ = ["run"]
