"""psql beyond its commands about the catalogs: scripts, formats, \\copy, \\watch, completion at a terminal."""

import os
import pty
import re
import select
import subprocess
import time

from check import check, version

version(subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout.split()[2])


def psql(script, *options, env=None):
    """What it prints, and says, and how it ends."""
    run = subprocess.run(["psql", "-X", *options], input=script, capture_output=True, text=True, env={**os.environ, **(env or {})})
    return [run.stdout.split("\n"), run.stderr.split("\n"), run.returncode]


@check("makes the tables")
def _():
    return psql(
        """
        CREATE SCHEMA lab;
        CREATE TABLE trips (id serial PRIMARY KEY, vendor text, month int, fare numeric(8,2), note text);
        INSERT INTO trips (vendor, month, fare, note) SELECT 'v' || g % 3, g % 4, g, E'line\\nbreak' FROM generate_series(1, 24) g;
        CREATE TABLE lab.points (x int, y int);
        CREATE VIEW cheap AS SELECT * FROM trips WHERE fare < 5;
        CREATE SEQUENCE lab.counter;
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        """
    )


SCRIPTS = {
    "\\gdesc": "SELECT id, fare, now() AS t, 'x'::varchar(5) v, ARRAY[1], NULL FROM trips \\gdesc\nSELECT 1 WHERE false \\gdesc\nSELECT $1::int \\gdesc\nSELECT nothing \\gdesc\n",
    "\\crosstabview": "SELECT vendor, month, sum(fare) FROM trips GROUP BY 1, 2 ORDER BY 1, 2 \\crosstabview\nSELECT vendor, month, fare FROM trips \\crosstabview\nSELECT vendor, month, count(*), 'm' || month FROM trips GROUP BY 1, 2 ORDER BY 1 \\crosstabview vendor 4 count month\n",
    "\\gexec": "SELECT format('SELECT %s AS n', g) FROM generate_series(1, 3) g \\gexec\nSELECT 'SELECT nothing', 'SELECT 5' \\gexec\n",
    "\\gset and variables": "SELECT 5 AS five, 'it''s' AS text, NULL AS nothing \\gset p_\n\\echo :p_five :p_text :{?p_nothing}\nSELECT :'p_text' || :p_five AS v, :\"p_text\" FROM (SELECT 1 AS \"it's\") x;\n\\set n 3\nSELECT id FROM trips WHERE id < :n ORDER BY id;\n",
    "\\gx, \\x, \\g to a pipe and a file": "SELECT * FROM trips ORDER BY id LIMIT 2 \\gx\n\\x auto\nSELECT * FROM trips ORDER BY id LIMIT 1;\nSELECT 1 \\g | cat\nSELECT 2 AS two \\g out.txt\n\\! cat out.txt\n\\x off\nSELECT 7 \\g (format=csv)\n",
    "\\watch": "SELECT 1 AS one \\watch 0.2\n",
    "\\copy from and to": "\\copy (SELECT id, vendor FROM trips WHERE id < 4 ORDER BY id) TO 'out.csv' WITH (FORMAT csv, HEADER)\n\\! cat out.csv\nCREATE TABLE copied (id int, vendor text);\n\\copy copied FROM 'out.csv' WITH (FORMAT csv, HEADER)\n\\copy copied FROM STDIN\n9\tnine\n\\.\n\\copy copied TO STDOUT\n\\copy copied (id) FROM PROGRAM 'echo 77'\n\\copy nothing FROM 'out.csv'\n\\copy copied FROM 'nothing.csv'\nSELECT * FROM copied ORDER BY id;\nCOPY copied FROM STDIN;\nx\ty\n\\.\n",
    "\\if, \\elif, \\else": "SELECT count(*) > 5 AS many FROM trips \\gset\n\\if :many\n\\echo many\n\\else\nSELECT broken;\n\\endif\n\\if false\nSELECT nothing;\n\\elif true\nSELECT 'elif';\n\\endif\n",
    "formats": "".join(f"\\pset format {name}\nSELECT id, vendor, fare, NULL AS n FROM trips ORDER BY id LIMIT 2;\n" for name in ["unaligned", "wrapped", "html", "asciidoc", "latex", "csv", "troff-ms"])
    + "\\pset format aligned\n\\pset border 2\n\\pset linestyle unicode\n\\pset null (null)\n\\pset footer off\n\\pset title 'Trips'\nSELECT id, note, NULL AS n FROM trips ORDER BY id LIMIT 2;\n\\t on\nSELECT 1;\n\\pset numericlocale on\nSELECT 1234567.891;\n",
    "transactions at the prompt: ON_ERROR_ROLLBACK, AUTOCOMMIT off": "\\set ON_ERROR_ROLLBACK on\nBEGIN;\nINSERT INTO copied VALUES (100, 'kept');\nSELECT 1/0;\nSELECT count(*) FROM copied WHERE id = 100;\nCOMMIT;\n\\set AUTOCOMMIT off\nINSERT INTO copied VALUES (101, 'dropped');\nROLLBACK;\nSELECT id FROM copied WHERE id >= 100;\nCOMMIT;\n",
    "FETCH_COUNT": "\\set FETCH_COUNT 7\nSELECT id FROM trips ORDER BY id;\nSELECT 1 / (id - 3) FROM trips ORDER BY id;\nWITH w AS (SELECT 1 AS a) SELECT * FROM w;\n",
    "errors: \\errverbose, ECHO_ERRORS, verbosity": "SELECT nothing FROM trips;\n\\set VERBOSITY sqlstate\nSELECT 1/0;\n\\set VERBOSITY terse\nINSERT INTO trips (id) VALUES (1);\n\\set VERBOSITY default\nINSERT INTO trips (id) VALUES (1);\n\\echo :SQLSTATE :ROW_COUNT :ERROR :LAST_ERROR_MESSAGE\nSELECT 1;\n\\echo :SQLSTATE :ROW_COUNT :ERROR\n",
    "several statements and their results": "SELECT 1\\; SELECT 2, 3\\; INSERT INTO copied VALUES (5, 'five');\n\\set SHOW_ALL_RESULTS off\nSELECT 1\\; SELECT 2;\nSELECT 1; SELECT 2 \\g\n",
    "\\ef, \\sv, \\sf and \\ev with an editor": "\\sv cheap\n\\sv+ cheap\n\\setenv PSQL_EDITOR cat\n\\ev cheap\n;\n",
    "\\lo_list, \\dl": "\\lo_list\n\\dl\n",
    "\\encoding, \\conninfo, \\password refused without a terminal": "\\encoding\nSET client_encoding TO latin1;\n\\encoding\n\\encoding UTF8\nSELECT 'äöü€';\n",
    "\\timing, \\s, \\! and \\i": "\\! echo 'SELECT 42 AS included;' > part.sql\n\\i part.sql\n\\ir part.sql\n\\o out2.txt\nSELECT 3;\n\\o\n\\! cat out2.txt\n\\qecho done\n\\warn warned\n",
}

for name, script in SCRIPTS.items():

    @check(name)
    def _():
        if name == "\\watch":
            process = subprocess.Popen(["psql", "-X", "-At", "-c", script.strip()], stdout=subprocess.PIPE, text=True)
            time.sleep(1.5)
            process.kill()
            lines = [line for line in process.communicate()[0].split("\n") if line == "1"]
            return len(lines) >= 2
        return psql(script)


@check("options: -1, -v ON_ERROR_STOP, -c several times, -F, -R, --csv, -l")
def _():
    return [
        psql("INSERT INTO copied VALUES (200, 'one');\nSELECT 1/0;\n", "-1", "-v", "ON_ERROR_STOP=1"),
        psql("", "-At", "-c", "SELECT count(*) FROM copied WHERE id = 200", "-c", "SELECT 1", "-F", "|", "-R", ";"),
        psql("SELECT 1 AS a, 'x,y' AS b", "--csv"),
        psql("", "-tA", "-z", "-0", "-c", "SELECT 'a', 'b'"),
        psql("", "-c", "SELECT current_setting('application_name')", "-At", env={"PGAPPNAME": "checks", "PGOPTIONS": "-c work_mem=8MB"}),
        psql("", "-Atc", "SHOW work_mem", env={"PGOPTIONS": "-c work_mem=8MB"}),
        psql("", "-d", "nothing_there")[2],
    ]


def completed(text, tabs=2):
    """What stands on the terminal after typing a text and the tabulator."""
    pid, terminal = pty.fork()
    if pid == 0:
        env = {**os.environ, "TERM": "dumb", "INPUTRC": "/dev/null", "PAGER": "cat", "PSQL_HISTORY": "/dev/null"}
        os.execvpe("psql", ["psql", "-X", "-q", "-v", "PROMPT1=> "], env)
    seen = read_until(terminal, "> ")
    os.write(terminal, b"\\pset pager off\n")
    read_until(terminal, "> ")
    os.write(terminal, text.encode() + b"\t" * tabs)
    seen = read_until(terminal, None)
    os.write(terminal, b"\x03")
    read_until(terminal, "> ")
    os.write(terminal, b"\\q\n")
    os.waitpid(pid, 0)
    os.close(terminal)
    return re.sub(r"[\x00-\x08\x0e-\x1f]|\x1b\[[0-9;?]*[a-zA-Z]", "", seen).split()


def read_until(terminal, end):
    """Until the prompt is there, or, without one, until nothing has come for a while."""
    seen = ""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.7 if end is None else 5)[0]:
            break
        try:
            seen += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            break
        if end is not None and seen.endswith(end):
            break
    return seen


for typed in [
    "SELECT * FROM tr",
    "SELECT * FROM lab.",
    "\\d ch",
    "\\dt la",
    "INSERT INTO tri",
    "UPDATE trips SET fa",
    "SELECT * FROM trips WHERE ve",
    "DROP VIEW ch",
    "DROP TYPE moo",
    "ALTER TABLE trips RENAME COLUMN fa",
    "SET datest",
    "SHOW max_conn",
    "COPY tri",
    "\\dn la",
    "DROP SEQUENCE lab.c",
]:

    @check(f"completes {typed!r}")
    def _():
        return completed(typed)
