import type { FunctionDefinition } from '../function-definition.ts';
import { absentObjectFunctions } from './absent-objects.ts';
import { aclFunctions } from './acl-functions.ts';
import { chunkFunctions } from './chunk-functions.ts';
import { functionTextFunctions } from './function-text.ts';
import { indexPropertyFunctions } from './index-properties.ts';
import { informationSchemaFunctions } from './information-schema.ts';
import { objectTextFunctions } from './object-text.ts';
import { privilegeFunctions } from './privilege-functions.ts';
import { serverFunctions } from './server-functions.ts';
import { sizeFunctions } from './size-functions.ts';
import { statisticsFunctions } from './statistics-functions.ts';
import { transactionIdFunctions } from './transaction-ids.ts';
import { updateFunctions } from './update-functions.ts';
import { visibilityFunctions } from './visibility.ts';

/** What clients ask the catalogs by way of functions. */
export const catalogFunctions: readonly FunctionDefinition[] = [
  ...visibilityFunctions,
  ...functionTextFunctions,
  ...objectTextFunctions,
  ...absentObjectFunctions,
  ...privilegeFunctions,
  ...aclFunctions,
  ...sizeFunctions,
  ...indexPropertyFunctions,
  ...transactionIdFunctions,
  ...serverFunctions,
  ...statisticsFunctions,
  ...updateFunctions,
  ...informationSchemaFunctions,
  ...chunkFunctions,
];
