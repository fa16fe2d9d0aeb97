// Seeded generator (mulberry32) + normal deviates; everything derived from it is reproducible.
export function rng(seed) {
  let a = seed >>> 0;
  const u = () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  let spare = 0,
    has = false;
  const n = () => {
    if (has) {
      has = false;
      return spare;
    }
    const r = Math.sqrt(-2 * Math.log(1 - u())),
      th = 2 * Math.PI * u();
    spare = r * Math.sin(th);
    has = true;
    return r * Math.cos(th);
  };
  return { u, n, int: (k) => (u() * k) | 0 };
}
