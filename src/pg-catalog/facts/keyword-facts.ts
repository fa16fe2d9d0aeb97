/** Tab-separated. First the names of the columns, then what most rows have there, then the rows, where nothing stands for that; \N is NULL, \e is empty. Written by `npm run catalog-facts` from a PostgreSQL 15. */
export const KEYWORD_FACTS = `
word	catcode	barelabel
abort	U	t

absolute
access
action
add
admin
after
aggregate
all	R
also
alter
always
analyse	R
analyze	R
and	R
any	R
array	R	f
as	R	f
asc	R
asensitive
assertion
assignment
asymmetric	R
at
atomic
attach
attribute
authorization	T
backward
before
begin
between	C
bigint	C
binary	T
bit	C
boolean	C
both	R
breadth
by
cache
call
called
cascade
cascaded
case	R
cast	R
catalog
chain
char	C	f
character	C	f
characteristics
check	R
checkpoint
class
close
cluster
coalesce	C
collate	R
collation	T
column	R
columns
comment
comments
commit
committed
compression
concurrently	T
configuration
conflict
connection
constraint	R
constraints
content
continue
conversion
copy
cost
create	R	f
cross	T
csv
cube
current
current_catalog	R
current_date	R
current_role	R
current_schema	T
current_time	R
current_timestamp	R
current_user	R
cursor
cycle
data
database
day		f
deallocate
dec	C
decimal	C
declare
default	R
defaults
deferrable	R
deferred
definer
delete
delimiter
delimiters
depends
depth
desc	R
detach
dictionary
disable
discard
distinct	R
do	R
document
domain
double
drop
each
else	R
enable
encoding
encrypted
end	R
enum
escape
event
except	R	f
exclude
excluding
exclusive
execute
exists	C
explain
expression
extension
external
extract	C
false	R
family
fetch	R	f
filter		f
finalize
first
float	C
following
for	R	f
force
foreign	R
forward
freeze	T
from	R	f
full	T
function
functions
generated
global
grant	R	f
granted
greatest	C
group	R	f
grouping	C
groups
handler
having	R	f
header
hold
hour		f
identity
if
ilike	T
immediate
immutable
implicit
import
in	R
include
including
increment
index
indexes
inherit
inherits
initially	R
inline
inner	T
inout	C
input
insensitive
insert
instead
int	C
integer	C
intersect	R	f
interval	C
into	R	f
invoker
is	T
isnull	T	f
isolation
join	T
key
label
language
large
last
lateral	R
leading	R
leakproof
least	C
left	T
level
like	T
limit	R	f
listen
load
local
localtime	R
localtimestamp	R
location
lock
locked
logged
mapping
match
matched
materialized
maxvalue
merge
method
minute		f
minvalue
mode
month		f
move
name
names
national	C
natural	T
nchar	C
new
next
nfc
nfd
nfkc
nfkd
no
none	C
normalize	C
normalized
not	R
nothing
notify
notnull	T	f
nowait
null	R
nullif	C
nulls
numeric	C
object
of
off
offset	R	f
oids
old
on	R	f
only	R
operator
option
options
or	R
order	R	f
ordinality
others
out	C
outer	T
over		f
overlaps	T	f
overlay	C
overriding
owned
owner
parallel
parameter
parser
partial
partition
passing
password
placing	R
plans
policy
position	C
preceding
precision	C	f
prepare
prepared
preserve
primary	R
prior
privileges
procedural
procedure
procedures
program
publication
quote
range
read
real	C
reassign
recheck
recursive
ref
references	R
referencing
refresh
reindex
relative
release
rename
repeatable
replace
replica
reset
restart
restrict
return
returning	R	f
returns
revoke
right	T
role
rollback
rollup
routine
routines
row	C
rows
rule
savepoint
schema
schemas
scroll
search
second		f
security
select	R
sequence
sequences
serializable
server
session
session_user	R
set
setof	C
sets
share
show
similar	T
simple
skip
smallint	C
snapshot
some	R
sql
stable
standalone
start
statement
statistics
stdin
stdout
storage
stored
strict
strip
subscription
substring	C
support
symmetric	R
sysid
system
table	R
tables
tablesample	T
tablespace
temp
template
temporary
text
then	R
ties
time	C
timestamp	C
to	R	f
trailing	R
transaction
transform
treat	C
trigger
trim	C
true	R
truncate
trusted
type
types
uescape
unbounded
uncommitted
unencrypted
union	R	f
unique	R
unknown
unlisten
unlogged
until
update
user	R
using	R
vacuum
valid
validate
validator
value
values	C
varchar	C
variadic	R
varying		f
verbose	T
version
view
views
volatile
when	R
where	R	f
whitespace
window	R	f
with	R	f
within		f
without		f
work
wrapper
write
xml
xmlattributes	C
xmlconcat	C
xmlelement	C
xmlexists	C
xmlforest	C
xmlnamespaces	C
xmlparse	C
xmlpi	C
xmlroot	C
xmlserialize	C
xmltable	C
year		f
yes
zone
`;
