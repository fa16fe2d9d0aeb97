"""Alembic: migrations up and down, and autogenerate, which must find nothing to do when there is nothing."""

import io
import os

import alembic
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from check import URL, check, version
from sqlalchemy.dialects import postgresql as pg

version(f"{alembic.__version__} with SQLAlchemy {sa.__version__}")
engine = sa.create_engine(sa.engine.make_url(URL).set(drivername="postgresql+psycopg2"))

FIRST = '''
revision = "1"
down_revision = None
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

def upgrade():
    op.create_table("sites", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40), nullable=False, unique=True), comment="where")
    op.create_table(
        "sensors",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("site_id", sa.Integer, sa.ForeignKey("sites.id", name="sensors_site", ondelete="CASCADE")),
        sa.Column("kind", sa.Enum("hot", "cold", name="sensor_kind"), server_default="hot"),
        sa.Column("settings", pg.JSONB, server_default=sa.text("'{}'")),
    )
    op.create_index("sensors_kind", "sensors", ["kind", sa.text("id DESC")])
    op.bulk_insert(sa.table("sites", sa.column("id", sa.Integer), sa.column("name", sa.String)), [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])

def downgrade():
    op.drop_table("sensors")
    op.drop_table("sites")
    op.execute("DROP TYPE sensor_kind")
'''

SECOND = '''
revision = "2"
down_revision = "1"
from alembic import op
import sqlalchemy as sa

def upgrade():
    op.add_column("sites", sa.Column("height", sa.Float, server_default="1.5", nullable=False, comment="in m"))
    op.alter_column("sites", "name", type_=sa.Text, existing_type=sa.String(40), existing_nullable=False)
    op.alter_column("sensors", "site_id", nullable=False)
    op.create_check_constraint("sites_height", "sites", "height > 0")
    op.create_unique_constraint("sites_name_height", "sites", ["name", "height"])
    op.rename_table("sensors", "probes")
    op.alter_column("probes", "settings", new_column_name="options")
    op.execute("UPDATE sites SET height = id * 2")

def downgrade():
    op.alter_column("probes", "options", new_column_name="settings")
    op.rename_table("probes", "sensors")
    op.drop_constraint("sites_name_height", "sites")
    op.drop_constraint("sites_height", "sites")
    op.alter_column("sensors", "site_id", nullable=True)
    op.alter_column("sites", "name", type_=sa.String(40), existing_type=sa.Text)
    op.drop_column("sites", "height")
'''

ENV = '''
from alembic import context
from sqlalchemy import create_engine
import os
url = "postgresql+psycopg2" + os.environ["DATABASE_URL"][len("postgres"):]
if context.is_offline_mode():
    context.configure(url=url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url).connect() as connection:
        context.configure(connection=connection, compare_type=True, compare_server_default=True, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
'''


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


os.makedirs("migrations/versions")
write("migrations/env.py", ENV)
write("migrations/script.py.mako", "")
write("migrations/versions/1_first.py", FIRST)
write("migrations/versions/2_second.py", SECOND)
config = Config()
config.set_main_option("script_location", "migrations")


def shape():
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        return {
            table: [
                [{key: repr(value) for key, value in sorted(column.items())} for column in inspector.get_columns(table)],
                inspector.get_pk_constraint(table),
                inspector.get_foreign_keys(table),
                sorted(inspector.get_unique_constraints(table), key=lambda item: item["name"]),
                sorted(inspector.get_check_constraints(table), key=lambda item: item["name"]),
                sorted(str(item["name"]) for item in inspector.get_indexes(table)),
            ]
            for table in sorted(inspector.get_table_names())
        }


def rows(sql):
    with engine.connect() as connection:
        return [list(row) for row in connection.execute(sa.text(sql))]


@check("upgrades one revision")
def _():
    command.upgrade(config, "1")
    return [shape(), rows("SELECT * FROM sites ORDER BY id"), rows("SELECT * FROM alembic_version")]


@check("upgrades to the head")
def _():
    command.upgrade(config, "head")
    return [shape(), rows("SELECT * FROM sites ORDER BY id"), rows("SELECT * FROM alembic_version")]


@check("downgrades, to the base and up again")
def _():
    command.downgrade(config, "1")
    between = shape()
    command.downgrade(config, "base")
    empty = shape()
    command.upgrade(config, "head")
    return [between, empty, rows("SELECT * FROM alembic_version")]


def models():
    metadata = sa.MetaData()
    sa.Table("alembic_version", metadata, sa.Column("version_num", sa.String(32), primary_key=True))
    sites = sa.Table(
        "sites",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("height", sa.Float, server_default="1.5", nullable=False, comment="in m"),
        sa.CheckConstraint("height > 0", name="sites_height"),
        sa.UniqueConstraint("name", "height", name="sites_name_height"),
        comment="where",
    )
    sa.Table(
        "probes",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("site_id", sa.Integer, sa.ForeignKey("sites.id", name="sensors_site", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Enum("hot", "cold", name="sensor_kind"), server_default="hot"),
        sa.Column("options", pg.JSONB, server_default=sa.text("'{}'")),
        sa.Index("sensors_kind", "kind", sa.text("id DESC")),
    )
    return metadata, sites


def difference(metadata):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return context, compare_metadata(context, metadata)


def told(changes):
    return sorted(str(change[0] if isinstance(change, tuple) else [item[0] for item in change]) for change in changes)


@check("autogenerate finds nothing where nothing differs")
def _():
    return told(difference(models()[0])[1])


@check("autogenerate finds what differs, and what it writes makes it equal")
def _():
    metadata, sites = models()
    sites.append_column(sa.Column("depth", sa.Numeric(6, 2), server_default="0", nullable=False))
    sites.append_column(sa.Column("tags", pg.ARRAY(sa.Text)))
    sites.c.height.type = sa.Numeric(10, 3)
    sites.c.height.comment = "in km"
    sa.Table("fresh", metadata, sa.Column("at", sa.DateTime(timezone=True), primary_key=True), sa.Column("v", sa.Float), sa.Index("fresh_v", "v"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        migration = produce_migrations(context, metadata)
        code = render_python_code(migration.upgrade_ops)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        operations = Operations(context)
        for table in migration.upgrade_ops.ops:
            for change in getattr(table, "ops", [table]):
                operations.invoke(change)
        left = told(compare_metadata(context, metadata))
    return [code.split("\n"), left]


@check("offline: the SQL of all migrations runs as a script")
def _():
    text = io.StringIO()
    offline = Config(output_buffer=text)
    offline.set_main_option("script_location", "migrations")
    command.upgrade(offline, "head", sql=True)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE probes, sites, fresh, alembic_version; DROP TYPE sensor_kind"))
    raw = engine.raw_connection()
    raw.cursor().execute(text.getvalue())
    raw.commit()
    raw.close()
    return [text.getvalue().split("\n"), rows("SELECT * FROM alembic_version"), sorted(shape())]
