"""The schema's history: Alembic revisions, each frozen once it is released."""
