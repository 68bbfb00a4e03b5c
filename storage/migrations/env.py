"""How Alembic reaches the database: over the connection that storage/schema.py hands it, inside its transaction."""

from alembic import context

from storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column; Alembic rebuilds the table
    transactional_ddl=False,  # the transaction is not ours to begin or end
)
context.run_migrations()
