import type { Client } from 'pg';

export const TABLES: readonly string[];
export function run(client: Client, sql: string): Promise<string>;
export function contents(client: Client): Promise<string>;
