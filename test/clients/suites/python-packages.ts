const DRIVERS = ['psycopg2-binary==2.9.13', 'psycopg[binary]==3.3.9', 'asyncpg==0.32.0', 'pg8000==1.31.6'];

/** What the virtual environments have, by the version of SQLAlchemy in them. */
export const PYTHON_PACKAGES = {
  '2.0': ['sqlalchemy[asyncio]==2.0.58', 'alembic==1.20.1', 'pandas==3.1.1', ...DRIVERS],
  '2.1': ['sqlalchemy[asyncio]==2.1.9', 'alembic==1.20.1', ...DRIVERS],
} as const;
