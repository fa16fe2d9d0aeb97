import { CATALOG_VIEWS } from './catalog-views.ts';
import { INFORMATION_VIEWS } from './information-views.ts';

/** Queries by the qualified name of the view, with a column for each of the relation's, in order. They are cast to its types. */
export const SYSTEM_VIEWS: Readonly<Record<string, string>> = { ...CATALOG_VIEWS, ...INFORMATION_VIEWS };
