"""What alembic runs for every upgrade: on the connection it is given, one transaction a step.

The connection comes from `app.kernel.migrate`, which also sets its time-outs.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transaction_per_migration=True,
)

with context.begin_transaction():
    context.run_migrations()
