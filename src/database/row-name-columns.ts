/** For who writes through a `Transaction` and knows no storage: the binder of UPDATE and DELETE. */
export { rowNameColumns } from '../storage/undeclared-columns.ts';
