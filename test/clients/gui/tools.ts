import type { Tool } from './question.ts';
import { dbeaver, pgadmin, retool } from './questions/administration.ts';
import { grafana, metabase, superset, tableau } from './questions/dashboards.ts';
import { datagrip } from './questions/datagrip.ts';
import { hasura, postgrest, prisma } from './questions/frameworks.ts';

/** Tools with windows, and frameworks that read the catalogs as they do. */
export const TOOLS: readonly Tool[] = [
  datagrip,
  dbeaver,
  pgadmin,
  grafana,
  metabase,
  superset,
  tableau,
  hasura,
  postgrest,
  prisma,
  retool,
];
