import { tripsDataset } from '../datasets/trips.mjs';
import { runQuerySuite } from '../lib/query-suite.mjs';
import { tripsQueries } from '../queries/trips.mjs';

/** Taxi trips: a wide table without a key, two tags of few values. */
export function trips(context) {
  const rows = context.sizes.tripRows;
  return runQuerySuite(
    {
      name: 'trips',
      title: 'Taxi trips',
      intro: `20 queries over ${rows.toLocaleString('en')} trips: 2 tags, 17 fields, 30 days.`,
      parts: [{ title: 'Queries', dataset: () => tripsDataset(rows), queries: tripsQueries() }],
    },
    context,
  );
}
