import { CTID_INDEX } from '../../../catalog/ctid-index.ts';
import { unreachable } from '../../../errors/invariant.ts';
import { hasSubquery } from '../../expression/walk-expression.ts';
import type { AggregateNode } from '../aggregate-node.ts';
import { expressionText, quoteIdentifier } from '../expression-text.ts';
import type { GapFillNode } from '../gap-fill-node.ts';
import type { AsOfJoinNode, JoinNode } from '../join-nodes.ts';
import { inputsOf, type LogicalPlan } from '../logical-plan.ts';
import type { ScanNode } from '../scan-node.ts';
import type { LimitNode, TopNNode } from '../sort-nodes.ts';
import { SubplanNumbers } from '../subplan-numbers.ts';
import { ColumnTexts } from './column-texts.ts';
import {
  bareNode,
  type DescribeOptions,
  hashedFacts,
  indexScan,
  joined,
  lookupOf,
  mixedFacts,
  plainFacts,
  storedRows,
  tableFacts,
  tableText,
} from './describe-nodes.ts';
import type { PlanDescription, Property } from './plan-description.ts';

const SCAN_NODES = { 'last-per-series': 'Last Row Scan', 'newest-first': 'Newest First Scan' } as const;

/** Behind "Hash" and "Nested Loop"; and as "Join Type". */
const JOINS: Readonly<Record<JoinNode['type'], { readonly title: string; readonly name: string }>> = {
  inner: { title: '', name: 'Inner' },
  left: { title: ' Left Join', name: 'Left' },
  right: { title: ' Right Join', name: 'Right' },
  full: { title: ' Full Join', name: 'Full' },
  semi: { title: ' Semi Join', name: 'Semi' },
  anti: { title: ' Anti Join', name: 'Anti' },
};

/** A plan as EXPLAIN shows it, whatever the format. */
export function describePlan(plan: LogicalPlan, options: DescribeOptions): PlanDescription {
  return new PlanDescriber(plan, options).describe(plan);
}

/** By what the rows of a time-series scan fall into groups without being looked at one by one. */
function fusedProperties({ fusedScan, keys, input }: AggregateNode): Property[] {
  if (fusedScan === undefined || input.kind !== 'scan' || input.table.timeSeries === undefined) return [];
  const { bucketKey, fieldKeys = [] } = fusedScan;
  const tagKeyCount = keys.length - fieldKeys.length - (bucketKey === undefined ? 0 : 1);
  const levels = [
    ...(tagKeyCount > 0 ? ['series'] : []),
    ...(bucketKey === undefined ? [] : ['time buckets']),
    ...(fieldKeys.length > 0 ? ['fields'] : []),
  ];
  return [{ name: 'Fused Scan', value: levels.length === 0 ? 'all rows' : levels.join(', ') }];
}

class PlanDescriber {
  readonly #options: DescribeOptions;
  readonly #numbers = new SubplanNumbers();
  readonly #texts: ColumnTexts;

  constructor(plan: LogicalPlan, options: DescribeOptions) {
    this.#options = options;
    this.#texts = new ColumnTexts(this.#numbers, { isQualified: options.isVerbose || relationCount(plan) > 1 });
  }

  describe(plan: LogicalPlan): PlanDescription {
    const around = this.#numbers.takeFound();
    const bare = this.#describeNode(plan);
    const node = { ...bare, plan, output: this.#options.isVerbose ? this.#texts.columnsOf(plan) : [] };
    const found = this.#numbers.takeFound();
    this.#numbers.putBack(around);
    if (found.length === 0) return node;
    const own = found.map((subplan) => ({
      heading: subplan.heading,
      relationship: subplan.heading.startsWith('InitPlan') ? ('InitPlan' as const) : ('SubPlan' as const),
      node: this.describe(subplan.plan),
    }));
    return { ...node, subplans: [...own, ...node.subplans] };
  }

  #describeNode(plan: LogicalPlan): PlanDescription {
    switch (plan.kind) {
      case 'scan':
        return this.#describeScan(plan);
      case 'values': {
        for (const item of plan.rows.flat()) if (hasSubquery(item)) this.#texts.text(item, []);
        if (plan.output.length > 0 && (plan.rows.length > 1 || plan.moreRows !== undefined)) {
          return {
            ...bareNode('Values Scan', 'Values Scan on "*VALUES*"'),
            facts: [{ name: 'Alias', value: '*VALUES*' }],
          };
        }
        const properties = plan.rows.length === 0 ? [{ name: 'One-Time Filter', value: 'false' }] : [];
        return { ...bareNode('Result'), properties };
      }
      case 'table-function': {
        const calls = plan.calls.map((call) =>
          call.kind === 'value'
            ? this.#texts.text(call.value, [])
            : `${call.function.name}(${call.arguments.map((argument) => this.#texts.text(argument, [])).join(', ')})`,
        );
        const [call] = plan.calls;
        const name = call.kind === 'set' ? call.function.name : plan.output[0].name;
        return {
          ...bareNode('Function Scan', `Function Scan on ${quoteIdentifier(name)}`),
          facts: [
            { name: 'Function Name', value: name },
            { name: 'Alias', value: name },
          ],
          properties: [{ name: 'Function Call', value: calls.join(', ') }],
        };
      }
      case 'filter': {
        const input = this.describe(plan.input);
        const condition: Property = {
          name: 'Filter',
          value: this.#texts.text(plan.condition, this.#texts.columnsOf(plan.input)),
        };
        // What tests its own rows shows the test itself; what must come to an end first is a subquery.
        if (plan.input.kind === 'limit' || plan.input.kind === 'top-n' || plan.input.kind === 'window') {
          return {
            ...bareNode('Subquery Scan'),
            properties: [condition],
            inputs: [input],
            relationship: 'Subquery',
            filtered: plan.input,
          };
        }
        return { ...input, properties: [...input.properties, condition], filtered: plan.input };
      }
      case 'project': {
        const input = this.describe(plan.input);
        const columns = this.#texts.columnsOf(plan.input);
        for (const expression of plan.expressions) if (hasSubquery(expression)) this.#texts.text(expression, columns);
        return input;
      }
      case 'gap-fill':
        return this.#describeGapFill(plan);
      case 'window':
        return this.#over(bareNode('WindowAgg'), plan);
      case 'aggregate':
        return this.#describeAggregate(plan);
      case 'distinct':
        return this.#over(
          {
            ...bareNode('Aggregate', 'HashAggregate'),
            facts: hashedFacts,
            properties: [{ name: 'Group Key', value: this.#texts.columnsOf(plan.input) }],
          },
          plan,
        );
      case 'distinct-on': {
        const columns = this.#texts.columnsOf(plan.input);
        const keys = plan.keys.map((key) => this.#texts.text(key, columns));
        return this.#over({ ...bareNode('Unique'), properties: [{ name: 'Key', value: keys }] }, plan);
      }
      case 'join':
        return this.#describeJoin(plan);
      case 'sort': {
        const keys = this.#texts.sortKeys(plan.keys, plan.input);
        return this.#over({ ...bareNode('Sort'), properties: [{ name: 'Sort Key', value: keys }] }, plan);
      }
      case 'limit':
        return this.#over({ ...bareNode('Limit'), properties: rowCounts(plan, this.#numbers) }, plan);
      case 'top-n': {
        const sort: PlanDescription = {
          ...bareNode('Sort'),
          properties: [
            { name: 'Sort Key', value: this.#texts.sortKeys(plan.keys, plan.input) },
            { name: 'Sort Method', value: 'top-N heapsort' },
          ],
          inputs: [this.describe(plan.input)],
          plan,
        };
        return { ...bareNode('Limit'), properties: rowCounts(plan, this.#numbers), inputs: [sort] };
      }
      case 'append':
        return { ...this.#over(bareNode('Append'), plan), relationship: 'Member' };
      case 'set-operation': {
        const command = `${plan.operation === 'intersect' ? 'Intersect' : 'Except'}${plan.isAll ? ' All' : ''}`;
        return this.#over(
          {
            ...bareNode('SetOp', `HashSetOp ${command}`),
            facts: [
              { name: 'Strategy', value: 'Hashed' },
              { name: 'Command', value: command },
            ],
          },
          plan,
        );
      }
      case 'apply': {
        const left = this.#texts.columnsOf(plan.left);
        this.#numbers.bind(plan.bindings, left);
        const columns = [...left, ...this.#texts.columnsOf(plan.right)];
        const { title, name } = JOINS[plan.type];
        const properties =
          plan.condition === undefined
            ? []
            : [{ name: 'Join Filter', value: this.#texts.text(plan.condition, columns) }];
        return this.#over(
          {
            ...bareNode('Nested Loop', `Nested Loop${title}`),
            facts: [{ name: 'Join Type', value: name }],
            properties,
          },
          plan,
        );
      }
      case 'as-of-join':
        return this.#describeAsOfJoin(plan);
      case 'lock-rows':
        return this.#over(bareNode('LockRows'), plan);
      case 'project-set':
        return this.#over(bareNode('ProjectSet'), plan);
      case 'with': {
        const input = this.describe(plan.input);
        const own = plan.tables.map((table) => ({
          heading: `CTE ${table.name}`,
          relationship: 'InitPlan' as const,
          node: this.describe(table.plan),
        }));
        return { ...input, subplans: [...own, ...input.subplans] };
      }
      case 'cte-scan':
        return storedRows('CTE Scan', plan.name);
      case 'working-table':
        return storedRows('WorkTable Scan', plan.name);
      case 'recursive-union':
        return this.#over(bareNode('Recursive Union'), plan);
      default:
        return unreachable(plan);
    }
  }

  /** With the plan's inputs, which are described behind what the node says itself. */
  #over(node: PlanDescription, plan: LogicalPlan): PlanDescription {
    return { ...node, inputs: inputsOf(plan).map((input) => this.describe(input)) };
  }

  #describeAggregate(plan: AggregateNode): PlanDescription {
    const columns = this.#texts.columnsOf(plan.input);
    const keyText = (key: number): string => this.#texts.text(plan.keys[key], columns);
    const { groupingSets } = plan;
    if (groupingSets === undefined) {
      const keys = plan.keys.map((_, key) => keyText(key));
      const fused = fusedProperties(plan);
      const node =
        keys.length === 0
          ? { ...bareNode('Aggregate'), facts: plainFacts, properties: fused }
          : {
              ...bareNode('Aggregate', 'HashAggregate'),
              facts: hashedFacts,
              properties: [{ name: 'Group Key', value: keys }, ...fused],
            };
      return this.#over(node, plan);
    }
    const hasEmpty = groupingSets.some((set) => set.length === 0);
    const properties = groupingSets.map((set): Property => {
      const keys = set.map(keyText);
      return set.length === 0 ? { name: 'Group Key', value: '()' } : { name: 'Hash Key', value: keys };
    });
    const node = {
      ...bareNode('Aggregate', hasEmpty ? 'MixedAggregate' : 'HashAggregate'),
      facts: hasEmpty ? mixedFacts : hashedFacts,
      properties,
    };
    return this.#over(node, plan);
  }

  #describeGapFill(plan: GapFillNode): PlanDescription {
    const columns = this.#texts.columnsOf(plan.input);
    const bounds = [
      ...plan.start.map((bound) => ({ ...bound, operator: bound.isBehind ? '>' : '>=' })),
      ...plan.finish.map((bound) => ({ ...bound, operator: bound.isBehind ? '<=' : '<' })),
    ].map(({ operator, value }) => `${operator} ${this.#texts.text(value, columns)}`);
    const fills = plan.fills.map((fill) => this.#texts.fill(fill, columns));
    const properties: Property[] = [
      { name: 'Bucket', value: columns[plan.bucket] },
      { name: 'Range', value: bounds.join(' AND ') },
    ];
    if (fills.length > 0) properties.push({ name: 'Fill', value: fills });
    return this.#over({ ...bareNode('GapFill'), properties }, plan);
  }

  #describeScan(scan: ScanNode): PlanDescription {
    const columns = this.#texts.columnsOf(scan);
    const text = (expression: Parameters<ColumnTexts['text']>[0]): string => this.#texts.text(expression, columns);
    const properties: Property[] = [];
    const { table, timeBounds, tagFilters, index, take, alias } = scan;
    const filters = scan.filters.filter((filter) => index?.conditions.includes(filter) !== true);
    if (timeBounds.length > 0) {
      const time = this.#texts.columnName(
        scan,
        table.columns.findIndex((column) => column.role === 'time'),
      );
      const bounds = timeBounds.map((bound) => `(${time} ${bound.operator} ${text(bound.value)})`);
      properties.push({ name: 'Time Range', value: joined(bounds) });
    }
    if (tagFilters.length > 0) properties.push({ name: 'Tag Filter', value: joined(tagFilters.map(text)) });
    if (index !== undefined) {
      const name = index.index === CTID_INDEX ? 'TID Cond' : 'Index Cond';
      properties.push({ name, value: joined(index.conditions.map(text)) });
    }
    if (filters.length > 0) properties.push({ name: 'Filter', value: joined(filters.map(text)) });
    const name = tableText(table, alias, this.#options);
    const facts = tableFacts(table, alias, this.#options);
    if (take !== undefined) {
      return { ...bareNode(SCAN_NODES[take], `${SCAN_NODES[take]} on ${name}`), facts, properties };
    }
    if (index === undefined) return { ...bareNode('Seq Scan', `Seq Scan on ${name}`), facts, properties };
    if (index.index === CTID_INDEX) return { ...bareNode('Tid Scan', `Tid Scan on ${name}`), facts, properties };
    return { ...indexScan(index.index.name, name, facts), properties };
  }

  #describeAsOfJoin(join: AsOfJoinNode): PlanDescription {
    const left = this.#texts.columnsOf(join.left);
    const right = this.#texts.columnsOf(join.right);
    const time = this.#texts.text(join.time, right);
    const bounds = [...(join.bound === undefined ? [] : [join.bound]), ...join.within];
    const tests = [
      ...join.equalities.map((key) => `(${this.#texts.text(key.left, left)} = ${this.#texts.text(key.right, right)})`),
      ...bounds.map(({ operator, value }) => `(${time} ${operator} ${this.#texts.text(value, left)})`),
    ];
    const order = join.direction === 'latest' ? `${time} DESC` : time;
    const properties: Property[] = [
      { name: 'Join Cond', value: joined(tests) },
      { name: 'First By', value: [order, ...this.#texts.sortKeys(join.ties, join.right)] },
    ];
    if (join.condition !== undefined) {
      properties.push({ name: 'Join Filter', value: this.#texts.text(join.condition, this.#texts.columnsOf(join)) });
    }
    const nodeType = join.bound === undefined ? 'Last Row Join' : 'As-Of Join';
    const { title, name } = JOINS[join.type];
    return this.#over(
      {
        ...bareNode(nodeType, join.type === 'inner' ? nodeType : nodeType.replace(' Join', title)),
        facts: [{ name: 'Join Type', value: name }],
        properties,
      },
      join,
    );
  }

  #describeJoin(join: JoinNode): PlanDescription {
    const left = this.#texts.columnsOf(join.left);
    const right = this.#texts.columnsOf(join.right);
    const properties: Property[] = [];
    const { lookup } = join;
    const tests = join.equalities.map(
      (equality) => `(${this.#texts.text(equality.left, left)} = ${this.#texts.text(equality.right, right)})`,
    );
    const isHash = tests.length > 0 && lookup === undefined;
    if (isHash) properties.push({ name: 'Hash Cond', value: joined(tests) });
    if (join.condition !== undefined) {
      properties.push({ name: 'Join Filter', value: this.#texts.text(join.condition, [...left, ...right]) });
    }
    const { title, name } = JOINS[join.type];
    const method = isHash ? 'Hash' : 'Nested Loop';
    if (join.keys !== undefined) this.#numbers.bind([join.keys], left);
    const inputs = [this.describe(join.left), this.describe(join.right)];
    if (lookup !== undefined && join.right.kind === 'scan') {
      const table = tableText(join.right.table, join.right.alias, this.#options);
      inputs[1] = lookupOf(inputs[1], lookup, tests, table);
    }
    return {
      ...bareNode(
        isHash ? 'Hash Join' : 'Nested Loop',
        `${method}${isHash && join.type === 'inner' ? ' Join' : title}`,
      ),
      facts: [{ name: 'Join Type', value: name }],
      properties,
      inputs,
    };
  }
}

/** Relations in a plan, those of its subqueries among them: plans and expressions are plain data. */
function relationCount(part: unknown): number {
  if (typeof part !== 'object' || part === null) return 0;
  if (Array.isArray(part)) return part.reduce((count: number, item) => count + relationCount(item), 0);
  if (Object.getPrototypeOf(part) !== Object.prototype) return 0;
  let count = 'kind' in part && RELATIONS.has(part.kind) ? 1 : 0;
  for (const [name, value] of Object.entries(part)) if (!DEFINITIONS.has(name)) count += relationCount(value);
  return count;
}

const RELATIONS: ReadonlySet<unknown> = new Set(['scan', 'table-function', 'cte-scan', 'working-table']);
/** Fields that refer to what is defined elsewhere. */
const DEFINITIONS = new Set(['table', 'function', 'type', 'output', 'index', 'equals', 'operator', 'elementType']);

function rowCounts(plan: LimitNode | TopNNode, subplans: SubplanNumbers): Property[] {
  const counts: Property[] = [];
  if (plan.count !== undefined) counts.push({ name: 'Rows', value: countText(plan.count, subplans) });
  if (plan.offset !== undefined) counts.push({ name: 'Offset', value: countText(plan.offset, subplans) });
  return counts;
}

function countText(count: NonNullable<LimitNode['count']>, subplans: SubplanNumbers): string {
  return count.kind === 'constant' ? String(count.value ?? 'all') : expressionText(count, [], subplans);
}
