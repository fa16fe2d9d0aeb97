"""pandas: frames written and read."""

import datetime

import numpy as np
import pandas as pd
import sqlalchemy as sa
from check import URL, check, raised, version

version(f"{pd.__version__} with SQLAlchemy {sa.__version__}")
engine = sa.create_engine(sa.engine.make_url(URL).set(drivername="postgresql+psycopg2"))

times = pd.date_range("2024-01-01", periods=500, freq="min", tz="UTC")
frame = pd.DataFrame(
    {
        "time": times,
        "host": [f"h{n % 4}" for n in range(500)],
        "usage": np.where(np.arange(500) % 7 == 0, np.nan, np.arange(500) / 3),
        "count": np.arange(500),
        "ok": np.arange(500) % 2 == 0,
        "day": [datetime.date(2024, 1, 1)] * 500,
        "note": ["it's %s"] * 499 + [None],
    }
)


def shown(result):
    return [[str(kind) for kind in result.dtypes], list(result.columns), result.head(3).astype(str).values.tolist(), len(result)]


@check("to_sql: makes the table, in several ways")
def _():
    return [
        frame.to_sql("plain", engine, index=False),
        frame.to_sql("multi", engine, index=False, method="multi", chunksize=100),
        frame.to_sql("indexed", engine, index_label="n", dtype={"note": sa.String(20), "usage": sa.Numeric(10, 4)}),
        raised(frame.to_sql, "plain", engine)[0],
        frame.head(5).to_sql("plain", engine, index=False, if_exists="append"),
        frame.head(7).to_sql("multi", engine, index=False, if_exists="replace"),
    ]


@check("read_sql: tables, queries, parameters, dates, portions")
def _():
    parts = [len(part) for part in pd.read_sql("SELECT * FROM plain", engine, chunksize=200)]
    query = sa.text("SELECT host, avg(usage) AS usage, max(time) AS time FROM plain WHERE count < :limit GROUP BY host ORDER BY host")
    return [
        shown(pd.read_sql_table("plain", engine).sort_values("count", kind="stable")),
        shown(pd.read_sql_table("indexed", engine, index_col="n", columns=["time", "usage"]).sort_index()),
        shown(pd.read_sql(query, engine, params={"limit": 100})),
        shown(pd.read_sql("SELECT time, usage FROM plain ORDER BY time", engine, index_col="time", parse_dates=["time"])),
        parts,
    ]


@check("what was written is what is read")
def _():
    back = pd.read_sql("SELECT * FROM indexed ORDER BY n", engine, index_col="n")
    return [bool((back["count"] == frame["count"]).all()), bool((back["time"] == frame["time"]).all()), int(back["usage"].isna().sum())]
