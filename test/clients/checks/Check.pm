package Check;

# What the Perl programs share: checks that say what they saw, one JSON line each.

use strict;
use warnings;
use Exporter 'import';
use JSON::PP;

our @EXPORT = qw(check version thrown);

my $json = JSON::PP->new->utf8->canonical->allow_nonref->allow_blessed->convert_blessed;
$| = 1;

# The version of the client, and of the driver below it.
sub version {
    my ($text) = @_;
    print $json->encode({ version => $text }), "\n";
}

# What the function returns is compared with what it returns on PostgreSQL.
sub check {
    my ($name, $run) = @_;
    my $value = eval { $run->() };
    my $error = $@;
    if ($error) {
        chomp $error;
        print '{"check":', $json->encode($name), ',"error":', $json->encode("$error"), "}\n";
    } else {
        print '{"check":', $json->encode($name), ',"value":', $json->encode($value), "}\n";
    }
}

# The SQLSTATE and the first line of what a call throws; undef when it throws nothing.
sub thrown {
    my ($run) = @_;
    return undef if eval { $run->(); 1 };
    my ($line) = split /\n/, $DBI::errstr // $@;
    return [$DBI::state, $line];
}

1;
