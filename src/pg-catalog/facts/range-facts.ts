/** Tab-separated. First the names of the columns, then what most rows have there, then the rows, where nothing stands for that; \N is NULL, \e is empty. Written by `npm run catalog-facts` from a PostgreSQL 15. */
export const RANGE_FACTS = `
rngtypid	rngsubtype	rngmultitypid	rngcollation	rngsubopc	rngcanonical	rngsubdiff
3904	23	4451	0	1978	0	3922
					3914
3906	1700	4532		3125		3924
3908	1114	4533		3128		3929
3910	1184	4534		3127		3930
3912	1082	4535		3122	3915	3925
3926	20	4536		3124	3928	3923
`;
