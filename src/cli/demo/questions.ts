export interface Question {
  readonly title: string;
  readonly sql: string;
  /** Drawn as bars: which column labels a bar and which one is its length. */
  readonly chart?: { readonly label: string; readonly value: string };
}

export const QUESTIONS: readonly Question[] = [
  {
    title: '1. How many flights, when, and how late were they?',
    sql: `SELECT count(*) AS flights, min(date) AS first, max(date) AS last,
       round(avg(delay), 2) AS mean_delay, max(delay) AS worst_delay
FROM flights`,
  },
  {
    title: '2. Delay by month',
    sql: `SELECT time_bucket('1 month', date)::date AS month, count(*) AS flights,
       round(avg(delay), 2) AS mean_delay, count(*) FILTER (WHERE delay > 60) AS over_an_hour
FROM flights GROUP BY month ORDER BY month`,
  },
  {
    title: '3. The worst routes with at least 100 flights',
    sql: `SELECT origin, destination, count(*) AS flights, round(avg(delay), 2) AS mean_delay
FROM flights GROUP BY origin, destination
HAVING count(*) >= 100 ORDER BY avg(delay) DESC LIMIT 10`,
  },
  {
    title: '4. Mean delay at Chicago O’Hare, week by week',
    sql: `SELECT time_bucket('7 days', date)::date AS week, round(avg(delay), 1) AS mean_delay
FROM flights WHERE origin = 'ORD' GROUP BY week ORDER BY week`,
    chart: { label: 'week', value: 'mean_delay' },
  },
  {
    title: '5. When to fly: mean delay by hour of departure',
    sql: `SELECT extract(hour FROM date) AS hour, count(*) AS flights, round(avg(delay), 2) AS mean_delay
FROM flights WHERE distance BETWEEN 200 AND 3000
GROUP BY hour HAVING count(*) > 1000 ORDER BY mean_delay LIMIT 8`,
  },
];
