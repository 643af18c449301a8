"""Recipes: how a row of somebody else's table becomes claims; see docs/recipes.md.

`reading` reads a recipe and says what is wrong with it; `templates`, `values` and `conditions`
make functions of what it says, once; `cooking` makes rows of claims.csv of a foreign row by
them, and `foreign` reads whole files so. Importing is the business of `ledger.exchange`.
"""
