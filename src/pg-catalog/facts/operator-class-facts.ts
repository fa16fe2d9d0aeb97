/** Tab-separated. First the names of the columns, then what most rows have there, then the rows, where nothing stands for that; \N is NULL, \e is empty. Written by `npm run catalog-facts` from a PostgreSQL 15. */
export const OPERATOR_CLASS_FACTS = `
oid	opcmethod	opcname	opcnamespace	opcowner	opcfamily	opcintype	opcdefault	opckeytype
1978	403	int4_ops	11	10	1976	25	t	0
						23
1979		int2_ops				21
1981		oid_ops			1989	26
3122		date_ops			434	1082
3123		float8_ops			1970	701
3124		int8_ops				20
3125		numeric_ops			1988	1700
3126		text_ops			1994
3127		timestamptz_ops			434	1184
3128		timestamp_ops			434	1114
4217		text_pattern_ops			2095		f
4218		varchar_pattern_ops			2095		f
4219		bpchar_pattern_ops			2097	1042	f
10000		array_ops			397	2277
10001	405	array_ops			627	2277
10002		bit_ops			423	1560
10003		bool_ops			424	16
10004		bpchar_ops			426	1042
10005	405	bpchar_ops			427	1042
10006		bytea_ops			428	17
10007		char_ops			429	18
10008	405	char_ops			431	18
10009		cidr_ops			1974	869	f
10010	405	cidr_ops			1975	869	f
10011	405	date_ops			435	1082
10012		float4_ops			1970	700
10013	405	float4_ops			1971	700
10014	405	float8_ops			1971	701
10015		inet_ops			1974	869
10016	405	inet_ops			1975	869
10019	405	int2_ops			1977	21
10020	405				1977	23
10021	405	int8_ops			1977	20
10022		interval_ops			1982	1186
10023	405	interval_ops			1983	1186
10024		macaddr_ops			1984	829
10025	405	macaddr_ops			1985	829
10026		macaddr8_ops			3371	774
10027	405	macaddr8_ops			3372	774
10028		name_ops			1994	19		2275
10029	405	name_ops			1995	19
10030	405	numeric_ops			1998	1700
10031	405	oid_ops			1990	26
10032		oidvector_ops			1991	30
10033	405	oidvector_ops			1992	30
10034		record_ops			2994	2249
10035	405	record_ops			6194	2249
10036		record_image_ops			3194	2249	f
10037	405	text_ops			1995
10038		time_ops			1996	1083
10039	405	time_ops			1997	1083
10040	405	timestamptz_ops			1999	1184
10041		timetz_ops			2000	1266
10042	405	timetz_ops			2001	1266
10043		varbit_ops			2002	1562
10044		varchar_ops			1994		f
10045	405	varchar_ops			1995		f
10046	405	timestamp_ops			2040	1114
10047		money_ops			2099	790
10048	405	bool_ops			2222	16
10049	405	bytea_ops			2223	17
10050		tid_ops			2789	27
10051	405	xid_ops			2225	28
10052	405	xid8_ops			5032	5069
10053		xid8_ops			5067	5069
10054	405	cid_ops			2226	29
10055	405	tid_ops			2227	27
10056	405	text_pattern_ops			2229		f
10057	405	varchar_pattern_ops			2229		f
10058	405	bpchar_pattern_ops			2231	1042	f
10059	405	aclitem_ops			2235	1033
10065		uuid_ops			2968	2950
10066	405	uuid_ops			2969	2950
10067		pg_lsn_ops			3253	3220
10068	405	pg_lsn_ops			3254	3220
10069		enum_ops			3522	3500
10070	405	enum_ops			3523	3500
10071		tsvector_ops			3626	3614
10074		tsquery_ops			3683	3615
10076		range_ops			3901	3831
10077	405	range_ops			3903	3831
10080		multirange_ops			4199	4537
10081	405	multirange_ops			4225	4537
10088		jsonb_ops			4033	3802
10089	405	jsonb_ops			4034	3802
`;
