"""How Alembic runs here: on the connection that `ledger.migrate` hands over, in one transaction."""

from alembic import context

# SQLite can roll DDL back, but Alembic does not take that for granted: said here, an interrupted
# upgrade leaves the old schema or the new one, and nothing between.
context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
