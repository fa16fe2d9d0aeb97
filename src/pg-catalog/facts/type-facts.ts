/** Tab-separated. First the names of the columns, then what most rows have there, then the rows, where nothing stands for that; \N is NULL, \e is empty. Written by `npm run catalog-facts` from a PostgreSQL 15. */
export const TYPE_FACTS = `
oid	typname	schema	typlen	typbyval	typtype	typcategory	typispreferred	typdelim	typsubscript	typelem	typarray	typinput	typoutput	typreceive	typsend	typmodin	typmodout	typanalyze	typalign	typstorage	typbasetype	typtypmod	typcollation
16	bool	pg_catalog	-1	f	b	A	f	,	0	0	0	750	751	2400	2401	0	0	0	i	x	0	-1	0
			1	t		B	t				1000	1242	1243	2436	2437				c	p
17	bytea					U					1001	1244	31	2412	2413
18	char		1	t		Z					1002	1245	33	2434	2435				c	p
19	name		64			S			6180	18	1003	34	35	2422	2423				c	p			950
20	int8		8	t		N					1016	460	461	2408	2409				d	p
21	int2		2	t		N					1005	38	39	2404	2405				s	p
22	int2vector								6179	21	1006	40	41	2410	2411					p
23	int4		4	t		N					1007	42	43	2406	2407					p
24	regproc		4	t		N					1008	44	45	2444	2445					p
25	text					S	t				1009	46	47	2414	2415								100
26	oid		4	t		N	t				1028	1798	1799	2418	2419					p
27	tid		6			U					1010	48	49	2438	2439				s	p
28	xid		4	t		U					1011	50	51	2440	2441					p
29	cid		4	t		U					1012	52	53	2442	2443					p
30	oidvector								6179	26	1013	54	55	2420	2421					p
32	pg_ddl_command		8	t	p	P						86	87	88	90				d	p
114	json					U					199	321	322	323	324
142	xml					U					143	2893	2894	2898	2899
143	_xml								6179	142								3816
194	pg_node_tree					Z						195	196	197	198								100
199	_json								6179	114								3816
269	table_am_handler		4	t	p	P						267	268	0	0					p
271	_xid8								6179	5069								3816	d
325	index_am_handler		4	t	p	P						326	327	0	0					p
600	point		16			G			6180	701	1017	117	118	2428	2429				d	p
601	lseg		32			G			6180	600	1018	119	120	2480	2481				d	p
602	path					G					1019	121	122	2482	2483				d
603	box		32			G		;	6180	600	1020	123	124	2484	2485				d	p
604	polygon					G					1027	347	348	2486	2487				d
628	line		24			G			6180	701	629	1490	1491	2488	2489				d	p
629	_line								6179	628								3816	d
650	cidr					I					651	1267	1427	2498	2499					m
651	_cidr								6179	650								3816
700	float4		4	t		N					1021	200	201	2424	2425					p
701	float8		8	t		N	t				1022	214	215	2426	2427				d	p
705	unknown		-2		p	X						109	110	2416	2417				c	p
718	circle		24			G					719	1450	1451	2490	2491				d	p
719	_circle								6179	718								3816	d
774	macaddr8		8			U					775	4110	4111	3446	3447					p
775	_macaddr8								6179	774								3816
790	money		8	t		N					791	886	887	2492	2493				d	p
791	_money								6179	790								3816	d
829	macaddr		6			U					1040	436	437	2494	2495					p
869	inet					I	t				1041	910	911	2496	2497					m
1000	_bool								6179	16								3816
1001	_bytea								6179	17								3816
1002	_char								6179	18								3816
1003	_name								6179	19								3816					950
1005	_int2								6179	21								3816
1006	_int2vector								6179	22								3816
1007	_int4								6179	23								3816
1008	_regproc								6179	24								3816
1009	_text								6179	25								3816					100
1010	_tid								6179	27								3816
1011	_xid								6179	28								3816
1012	_cid								6179	29								3816
1013	_oidvector								6179	30								3816
1014	_bpchar								6179	1042						2913	2914	3816					100
1015	_varchar								6179	1043						2915	2916	3816					100
1016	_int8								6179	20								3816	d
1017	_point								6179	600								3816	d
1018	_lseg								6179	601								3816	d
1019	_path								6179	602								3816	d
1020	_box							;	6179	603								3816	d
1021	_float4								6179	700								3816
1022	_float8								6179	701								3816	d
1027	_polygon								6179	604								3816	d
1028	_oid								6179	26								3816
1033	aclitem		12			U					1034	1031	1032	0	0					p
1034	_aclitem								6179	1033								3816
1040	_macaddr								6179	829								3816
1041	_inet								6179	869								3816
1042	bpchar					S					1014	1044	1045	2430	2431	2913	2914						100
1043	varchar					S					1015	1046	1047	2432	2433	2915	2916						100
1082	date		4	t		D					1182	1084	1085	2468	2469					p
1083	time		8	t		D					1183	1143	1144	2470	2471	2909	2910		d	p
1114	timestamp		8	t		D					1115	1312	1313	2474	2475	2905	2906		d	p
1115	_timestamp								6179	1114						2905	2906	3816	d
1182	_date								6179	1082								3816
1183	_time								6179	1083						2909	2910	3816	d
1184	timestamptz		8	t		D	t				1185	1150	1151	2476	2477	2907	2908		d	p
1185	_timestamptz								6179	1184						2907	2908	3816	d
1186	interval		16			T	t				1187	1160	1161	2478	2479	2903	2904		d	p
1187	_interval								6179	1186						2903	2904	3816	d
1231	_numeric								6179	1700						2917	2918	3816
1263	_cstring								6179	2275								3816
1266	timetz		12			D					1270	1350	1351	2472	2473	2911	2912		d	p
1270	_timetz								6179	1266						2911	2912	3816	d
1560	bit					V					1561	1564	1565	2456	2457	2919	2920
1561	_bit								6179	1560						2919	2920	3816
1562	varbit					V	t				1563	1579	1580	2458	2459	2902	2921
1563	_varbit								6179	1562						2902	2921	3816
1700	numeric					N					1231	1701	1702	2460	2461	2917	2918			m
1790	refcursor					U					2201	46	47	2414	2415
2201	_refcursor								6179	1790								3816
2202	regprocedure		4	t		N					2207	2212	2213	2446	2447					p
2203	regoper		4	t		N					2208	2214	2215	2448	2449					p
2204	regoperator		4	t		N					2209	2216	2217	2450	2451					p
2205	regclass		4	t		N					2210	2218	2219	2452	2453					p
2206	regtype		4	t		N					2211	2220	2221	2454	2455					p
2207	_regprocedure								6179	2202								3816
2208	_regoper								6179	2203								3816
2209	_regoperator								6179	2204								3816
2210	_regclass								6179	2205								3816
2211	_regtype								6179	2206								3816
2249	record				p	P					2287	2290	2291	2402	2403				d
2275	cstring		-2		p	P					1263	2292	2293	2500	2501				c	p
2276	any		4	t	p	P						2294	2295	0	0					p
2277	anyarray				p	P						2296	2297	2502	2503				d
2278	void		4	t	p	P						2298	2299	3120	3121					p
2279	trigger		4	t	p	P						2300	2301	0	0					p
2280	language_handler		4	t	p	P						2302	2303	0	0					p
2281	internal		8	t	p	P						2304	2305	0	0				d	p
2283	anyelement		4	t	p	P						2312	2313	0	0					p
2287	_record				p	P			6179	2249								3816	d
2776	anynonarray		4	t	p	P						2777	2778	0	0					p
2949	_txid_snapshot								6179	2970								3816	d
2950	uuid		16			U					2951	2952	2953	2961	2962				c	p
2951	_uuid								6179	2950								3816
2970	txid_snapshot					U					2949	2939	2940	2941	2942				d
3115	fdw_handler		4	t	p	P						3116	3117	0	0					p
3220	pg_lsn		8	t		U					3221	3229	3230	3238	3239				d	p
3221	_pg_lsn								6179	3220								3816	d
3310	tsm_handler		4	t	p	P						3311	3312	0	0					p
3361	pg_ndistinct					Z						3355	3356	3357	3358								100
3402	pg_dependencies					Z						3404	3405	3406	3407								100
3500	anyenum		4	t	p	P						3504	3505	0	0					p
3614	tsvector					U					3643	3610	3611	3639	3638			3688
3615	tsquery					U					3645	3612	3613	3641	3640					p
3642	gtsvector					U					3644	3646	3647	0	0					p
3643	_tsvector								6179	3614								3816
3644	_gtsvector								6179	3642								3816
3645	_tsquery								6179	3615								3816
3734	regconfig		4	t		N					3735	3736	3737	3738	3739					p
3735	_regconfig								6179	3734								3816
3769	regdictionary		4	t		N					3770	3771	3772	3773	3774					p
3770	_regdictionary								6179	3769								3816
3802	jsonb					U			6098		3807	3806	3804	3805	3803
3807	_jsonb								6179	3802								3816
3831	anyrange				p	P						3832	3833	0	0				d
3838	event_trigger		4	t	p	P						3594	3595	0	0					p
3904	int4range				r	R					3905	3834	3835	3836	3837			3916
3905	_int4range								6179	3904								3816
3906	numrange				r	R					3907	3834	3835	3836	3837			3916
3907	_numrange								6179	3906								3816
3908	tsrange				r	R					3909	3834	3835	3836	3837			3916	d
3909	_tsrange								6179	3908								3816	d
3910	tstzrange				r	R					3911	3834	3835	3836	3837			3916	d
3911	_tstzrange								6179	3910								3816	d
3912	daterange				r	R					3913	3834	3835	3836	3837			3916
3913	_daterange								6179	3912								3816
3926	int8range				r	R					3927	3834	3835	3836	3837			3916	d
3927	_int8range								6179	3926								3816	d
4072	jsonpath					U					4073	4001	4003	4002	4004
4073	_jsonpath								6179	4072								3816
4089	regnamespace		4	t		N					4090	4084	4085	4087	4088					p
4090	_regnamespace								6179	4089								3816
4096	regrole		4	t		N					4097	4098	4092	4094	4095					p
4097	_regrole								6179	4096								3816
4191	regcollation		4	t		N					4192	4193	4194	4196	4197					p
4192	_regcollation								6179	4191								3816
4451	int4multirange				m	R					6150	4231	4232	4233	4234			4242
4532	nummultirange				m	R					6151	4231	4232	4233	4234			4242
4533	tsmultirange				m	R					6152	4231	4232	4233	4234			4242	d
4534	tstzmultirange				m	R					6153	4231	4232	4233	4234			4242	d
4535	datemultirange				m	R					6155	4231	4232	4233	4234			4242
4536	int8multirange				m	R					6157	4231	4232	4233	4234			4242	d
4537	anymultirange				p	P						4229	4230	0	0				d
4538	anycompatiblemultirange				p	P						4226	4227	0	0				d
4600	pg_brin_bloom_summary					Z						4596	4597	4598	4599								100
4601	pg_brin_minmax_multi_summary					Z						4638	4639	4640	4641								100
5017	pg_mcv_list					Z						5018	5019	5020	5021								100
5038	pg_snapshot					U					5039	5055	5056	5057	5058				d
5039	_pg_snapshot								6179	5038								3816	d
5069	xid8		8	t		U					271	5070	5081	5082	5083				d	p
5077	anycompatible		4	t	p	P						5086	5087	0	0					p
5078	anycompatiblearray				p	P						5088	5089	5090	5091				d
5079	anycompatiblenonarray		4	t	p	P						5092	5093	0	0					p
5080	anycompatiblerange				p	P						5094	5095	0	0				d
6150	_int4multirange								6179	4451								3816
6151	_nummultirange								6179	4532								3816
6152	_tsmultirange								6179	4533								3816	d
6153	_tstzmultirange								6179	4534								3816	d
6155	_datemultirange								6179	4535								3816
6157	_int8multirange								6179	4536								3816	d
13220	_cardinal_number	information_schema							6179	13221								3816
13221	cardinal_number	information_schema	4	t	d	N					13220	2597	43	2598	2407					p	23
13223	_character_data	information_schema							6179	13224								3816					950
13224	character_data	information_schema			d	S					13223	2597	1047	2598	2433						1043		950
13225	_sql_identifier	information_schema							6179	13226								3816					950
13226	sql_identifier	information_schema	64		d	S					13225	2597	35	2598	2423				c	p	19		950
13231	_time_stamp	information_schema							6179	13232								3816	d
13232	time_stamp	information_schema	8	t	d	D					13231	2597	1151	2598	2477				d	p	1184	2
13233	_yes_or_no	information_schema							6179	13234								3816					950
13234	yes_or_no	information_schema			d	S					13233	2597	1047	2598	2433						1043	7	950
`;
