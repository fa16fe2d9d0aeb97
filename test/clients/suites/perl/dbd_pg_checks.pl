# DBD::Pg: what an application does with it.
use strict;
use warnings;
use utf8;
use Check;
use DBI;
use DBD::Pg qw(:pg_types :async);

sub connected {
    my (%options) = @_;
    return DBI->connect("dbi:Pg:dbname=$ENV{PGDATABASE};host=$ENV{PGHOST};port=$ENV{PGPORT}", $ENV{PGUSER}, '',
        { RaiseError => 1, PrintError => 0, PrintWarn => 0, AutoCommit => 1, pg_enable_utf8 => 1, %options });
}

version("$DBD::Pg::VERSION with DBI $DBI::VERSION");

check('connects, pings, and tells of the server', sub {
    my $dbh = connected();
    my $version = int($dbh->{pg_server_version} / 10000);
    return [$dbh->ping, $version, $dbh->{pg_protocol}, $dbh->get_info(17), $dbh->{pg_standard_conforming_strings}];
});

check('types: there and back', sub {
    my $dbh = connected();
    my $row = $dbh->selectrow_arrayref(
        q{SELECT ?::int, ?::bigint, ?::numeric, ?::float8, ?::bool, ?::text, ?::date, ?::timestamptz, ?::interval, ?::uuid, ?::jsonb, ?::text},
        undef, 1, '9223372036854775807', '12345678901234567890.123', '1.5', 1, "it's \\ äöü 日本", '2024-02-29', '2024-02-29 12:00+02',
        '1 day', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"b":1, "a":[null]}', undef);
    my $sth = $dbh->prepare('SELECT ?::bytea, ?::int[], ?::text[]');
    $sth->bind_param(1, "\x00\xff\\'", { pg_type => PG_BYTEA });
    $sth->bind_param(2, [1, undef, 3]);
    $sth->bind_param(3, ['a', 'b"c', 'd,e', undef]);
    $sth->execute;
    my ($bytes, $ints, $texts) = $sth->fetchrow_array;
    return [$row, unpack('H*', $bytes), $ints, $texts];
});

check('rows: executed, fetched in several ways, counted', sub {
    my $dbh = connected();
    $dbh->do('CREATE TABLE items (id serial PRIMARY KEY, name text UNIQUE, amount numeric(8,2) DEFAULT 1.25)');
    my $insert = $dbh->prepare('INSERT INTO items (name, amount) VALUES (?, ?)');
    my @counts = map { $insert->execute("n$_", $_) + 0 } 1 .. 20;
    my @tuples;
    $insert->execute_array({ ArrayTupleStatus => \@tuples }, [map { "a$_" } 1 .. 50], [1 .. 50]);
    my $last = $dbh->last_insert_id(undef, undef, 'items', undef);
    my $returned = $dbh->selectall_arrayref(q{INSERT INTO items (name) VALUES ('r') RETURNING id, amount});
    return [
        \@counts, scalar @tuples, $last, $returned,
        $dbh->selectall_hashref('SELECT id, name FROM items WHERE id < 4', 'id'),
        $dbh->selectcol_arrayref('SELECT name FROM items WHERE id BETWEEN 19 AND 23 ORDER BY id'),
        $dbh->do('UPDATE items SET amount = 0 WHERE id <= 5') + 0, $dbh->do('DELETE FROM items WHERE id > 1000') . '',
    ];
});

check('metadata of a statement', sub {
    my $dbh = connected();
    my $sth = $dbh->prepare('SELECT id, name AS "Name", amount, now()::timestamp(3) AS t FROM items WHERE id = ? AND name LIKE ?');
    $sth->execute(1, 'n%');
    return [$sth->{NAME}, $sth->{TYPE}, $sth->{PRECISION}, $sth->{SCALE}, $sth->{NULLABLE}, $sth->{NUM_OF_PARAMS}, $sth->{pg_type}];
});

check('metadata of the database', sub {
    my $dbh = connected();
    my $own = sub { my ($sth) = @_; return $sth ? $sth->fetchall_arrayref : undef };
    $dbh->do('CREATE TABLE parts (item integer REFERENCES items (id) ON DELETE CASCADE, no integer, PRIMARY KEY (item, no))');
    $dbh->do('CREATE VIEW item_names AS SELECT name FROM items');
    return [
        $own->($dbh->table_info('', 'public', '%', 'TABLE,VIEW')), $own->($dbh->column_info(undef, 'public', 'items', '%')),
        [$dbh->primary_key(undef, 'public', 'parts')], $own->($dbh->foreign_key_info(undef, 'public', 'items', undef, 'public', 'parts')),
        [map { [@$_[0 .. 8]] } @{ $own->($dbh->statistics_info(undef, 'public', 'parts', 1, 0)) }], [sort $dbh->tables('', 'public', '', 'TABLE')],
    ];
});

check('prepared on the server, and not', sub {
    my $dbh = connected();
    my @seen;
    for my $how (0, 1, 2) {
        my $sth = $dbh->prepare('SELECT name FROM items WHERE id = ?', { pg_server_prepare => $how ? 1 : 0, pg_prepare_now => $how == 2 });
        push @seen, map { $sth->execute($_); $sth->fetchall_arrayref } 1 .. 4;
    }
    my $dollar = $dbh->prepare('SELECT $2::text || $1::text');
    $dollar->execute('a', 'b');
    my $named = $dbh->prepare('SELECT :x::text || :y::text');
    $named->bind_param(':x', 'x');
    $named->bind_param(':y', 'y');
    $named->execute;
    return [\@seen, $dollar->fetchall_arrayref, $named->fetchall_arrayref];
});

check('transactions, savepoints, errors', sub {
    my $dbh = connected(AutoCommit => 0);
    my @seen = ($dbh->ping);
    $dbh->do(q{INSERT INTO items (name) VALUES ('kept')});
    $dbh->pg_savepoint('one');
    push @seen, thrown(sub { $dbh->do(q{INSERT INTO items (name) VALUES ('kept')}) }), $dbh->ping;
    push @seen, thrown(sub { $dbh->do('SELECT 1') });
    $dbh->pg_rollback_to('one');
    $dbh->pg_release('one');
    $dbh->commit;
    push @seen, thrown(sub { $dbh->do('SELECT nothing') }), $dbh->pg_error_field('statement_position'), $dbh->pg_error_field('message_primary');
    $dbh->rollback;
    push @seen, $dbh->selectrow_array(q{SELECT count(*) FROM items WHERE name = 'kept'});
    $dbh->rollback;
    $dbh->disconnect;
    return \@seen;
});

check('COPY both ways', sub {
    my $dbh = connected();
    $dbh->do('CREATE TABLE copied (a int, b text)');
    $dbh->do('COPY copied FROM STDIN');
    $dbh->pg_putcopydata("$_\trow $_\n") for 1 .. 100;
    $dbh->pg_putcopyend;
    $dbh->do('COPY (SELECT * FROM copied WHERE a < 4 ORDER BY a) TO STDOUT');
    my ($line, @lines);
    push @lines, $line while $dbh->pg_getcopydata($line) >= 0;
    $dbh->do('COPY copied FROM STDIN');
    $dbh->pg_putcopydata("x\ty\n");
    return [\@lines, thrown(sub { $dbh->pg_putcopyend }), $dbh->selectrow_array('SELECT count(*) FROM copied')];
});

check('notifications', sub {
    my ($listener, $speaker) = (connected(), connected());
    $listener->do('LISTEN news');
    $speaker->do(q{NOTIFY news, 'hello'});
    my $heard;
    for (1 .. 40) {
        $heard = $listener->pg_notifies and last;
        select undef, undef, undef, 0.05;
    }
    return [$heard->[0], $heard->[2], $heard->[1] == $speaker->{pg_pid} ? 1 : 0];
});

check('asynchronous queries, and cancelling', sub {
    my $dbh = connected();
    $dbh->do('SELECT pg_sleep(0.05), 42', { pg_async => PG_ASYNC });
    my $rows = $dbh->pg_result;
    my $sth = $dbh->prepare('SELECT pg_sleep(20)', { pg_async => PG_ASYNC });
    $sth->execute;
    my $cancelled = $sth->pg_cancel;
    return [$rows + 0, $cancelled ? 1 : 0, $dbh->selectrow_array('SELECT 1')];
});
