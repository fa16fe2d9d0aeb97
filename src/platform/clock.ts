const MICROS_1970_TO_2000 = 946_684_800_000_000;
const STEP_MILLIS = 2;

/** Time as a parameter. */
export interface Clock {
  /** Wall clock: microseconds since 2000-01-01 UTC. May jump. */
  nowMicros(): number;
  /** Milliseconds (with fraction) since some fixed moment; never runs backwards. For durations. */
  monotonicMillis(): number;
}

// Date.now() has whole milliseconds. The monotonic clock gives the microseconds in between, until the wall clock is
// seen to have been set: then the two are tied together anew.
let wallAnchor = Date.now();
let monotonicAnchor = performance.now();

export const systemClock: Clock = {
  nowMicros() {
    const wall = Date.now();
    const monotonic = performance.now();
    let millis = wallAnchor + (monotonic - monotonicAnchor);
    if (Math.abs(millis - wall) > STEP_MILLIS) {
      wallAnchor = wall;
      monotonicAnchor = monotonic;
      millis = wall;
    }
    return Math.floor(millis * 1000) - MICROS_1970_TO_2000;
  },
  monotonicMillis() {
    return performance.now();
  },
};
