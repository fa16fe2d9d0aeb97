/** OIDs of the functions with two and with three arguments. */
export const rangeOids: Readonly<Record<string, readonly [number, number]>> = {
  int4range: [3840, 3841],
  numrange: [3844, 3845],
  tsrange: [3933, 3934],
  tstzrange: [3937, 3938],
  daterange: [3941, 3942],
  int8range: [3945, 3946],
};

/** OIDs of the functions without arguments, with one, and with as many as one likes. */
export const multirangeOids: Readonly<Record<string, readonly [number, number, number]>> = {
  int4multirange: [4280, 4281, 4282],
  nummultirange: [4283, 4284, 4285],
  tsmultirange: [4286, 4287, 4288],
  tstzmultirange: [4289, 4290, 4291],
  datemultirange: [4292, 4293, 4294],
  int8multirange: [4295, 4296, 4297],
};
