import { bool } from '../../types/bool.ts';
import { anyelement, anymultirange, anyrange } from '../../types/pseudo-types.ts';
import type { RangeDefinition } from '../../types/range-type.ts';
import { multirangeOver } from '../../types/ranges.ts';
import type { SqlMultirange, SqlRange } from '../../types/sql-range.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { defineOperator } from '../define.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { type ComparisonNames, familyOf, symbols } from '../operators/comparison.ts';
import {
  asMultirange,
  intersectSets,
  setContainsSet,
  setContainsValue,
  setsOverlap,
  setsTouch,
  subtractSets,
  uniteSets,
} from './multirange-algebra.ts';
import { overRange } from './over-range.ts';
import {
  containsRange,
  containsValue,
  endsNoLater,
  intersect,
  isBefore,
  overlap,
  startsNoEarlier,
  subtract,
  touch,
  unite,
} from './range-algebra.ts';

/** Function name, function OID, operator OID. */
type Names = readonly [functionName: string, functionOid: number, operatorOid: number];

/** A test over two ranges, and the same over two sets of ranges. */
interface Relation {
  readonly symbol: string;
  readonly ofRanges: (type: RangeDefinition, left: SqlRange, right: SqlRange) => boolean;
  readonly ofSets: (type: RangeDefinition, left: SqlMultirange, right: SqlMultirange) => boolean;
  /** Range and range, range and multirange, multirange and range, multirange and multirange. */
  readonly names: readonly [Names, Names, Names, Names];
}

const relations: readonly Relation[] = [
  {
    symbol: '&&',
    ofRanges: overlap,
    ofSets: setsOverlap,
    names: [
      ['range_overlaps', 3857, 3888],
      ['range_overlaps_multirange', 4246, 2866],
      ['multirange_overlaps_range', 4247, 2867],
      ['multirange_overlaps_multirange', 4248, 2868],
    ],
  },
  {
    symbol: '@>',
    ofRanges: containsRange,
    ofSets: setContainsSet,
    names: [
      ['range_contains', 3859, 3890],
      ['range_contains_multirange', 4541, 4539],
      ['multirange_contains_range', 4250, 2870],
      ['multirange_contains_multirange', 4251, 2871],
    ],
  },
  {
    symbol: '<@',
    ofRanges: (type, left, right) => containsRange(type, right, left),
    ofSets: (type, left, right) => setContainsSet(type, right, left),
    names: [
      ['range_contained_by', 3861, 3892],
      ['range_contained_by_multirange', 4253, 2873],
      ['multirange_contained_by_range', 4542, 4540],
      ['multirange_contained_by_multirange', 4254, 2874],
    ],
  },
  {
    symbol: '<<',
    ofRanges: isBefore,
    ofSets: (type, left, right) => isBefore(type, left.last, right.first),
    names: [
      ['range_before', 3863, 3893],
      ['range_before_multirange', 4258, 4395],
      ['multirange_before_range', 4259, 4396],
      ['multirange_before_multirange', 4260, 4397],
    ],
  },
  {
    symbol: '>>',
    ofRanges: (type, left, right) => isBefore(type, right, left),
    ofSets: (type, left, right) => isBefore(type, right.last, left.first),
    names: [
      ['range_after', 3864, 3894],
      ['range_after_multirange', 4261, 4398],
      ['multirange_after_range', 4262, 4399],
      ['multirange_after_multirange', 4263, 4400],
    ],
  },
  {
    symbol: '&<',
    ofRanges: endsNoLater,
    ofSets: (type, left, right) => endsNoLater(type, left.last, right.last),
    names: [
      ['range_overleft', 3865, 3895],
      ['range_overleft_multirange', 4264, 2875],
      ['multirange_overleft_range', 4265, 2876],
      ['multirange_overleft_multirange', 4266, 2877],
    ],
  },
  {
    symbol: '&>',
    ofRanges: startsNoEarlier,
    ofSets: (type, left, right) => startsNoEarlier(type, left.first, right.first),
    names: [
      ['range_overright', 3866, 3896],
      ['range_overright_multirange', 4267, 3585],
      ['multirange_overright_range', 4268, 4035],
      ['multirange_overright_multirange', 4269, 4142],
    ],
  },
  {
    symbol: '-|-',
    ofRanges: touch,
    ofSets: setsTouch,
    names: [
      ['range_adjacent', 3862, 3897],
      ['range_adjacent_multirange', 4255, 4179],
      ['multirange_adjacent_range', 4257, 4180],
      ['multirange_adjacent_multirange', 4256, 4198],
    ],
  },
];

function relationOperators({ symbol, ofRanges, ofSets, names }: Relation): OperatorDefinition[] {
  const ranges = (type: RangeDefinition) => (left: SqlRange, right: SqlRange) => ofRanges(type, left, right);
  const mixed =
    (type: RangeDefinition) =>
    (left: SqlRange | SqlMultirange, right: SqlRange | SqlMultirange): boolean =>
      ofSets(type, asMultirange(left), asMultirange(right));
  const pairs = [
    [anyrange, anyrange, ranges],
    [anyrange, anymultirange, mixed],
    [anymultirange, anyrange, mixed],
    [anymultirange, anymultirange, mixed],
  ] as const;
  return pairs.map(([left, right, evaluateFor], at) => {
    const [functionName, functionOid, operatorOid] = names[at]!;
    return defineOperator(symbol, operatorOid, overRange(functionName, functionOid, [left, right], bool, evaluateFor));
  });
}

const rangeHas = (type: RangeDefinition) => (range: SqlRange, value: Value) => containsValue(type, range, value);
const isInRange = (type: RangeDefinition) => (value: Value, range: SqlRange) => containsValue(type, range, value);
const setHas = (type: RangeDefinition) => (set: SqlMultirange, value: Value) => setContainsValue(type, set, value);
const isInSet = (type: RangeDefinition) => (value: Value, set: SqlMultirange) => setContainsValue(type, set, value);

const elementOperators: readonly OperatorDefinition[] = [
  defineOperator('@>', 3889, overRange('range_contains_elem', 3858, [anyrange, anyelement], bool, rangeHas)),
  defineOperator('<@', 3891, overRange('elem_contained_by_range', 3860, [anyelement, anyrange], bool, isInRange)),
  defineOperator('@>', 2869, overRange('multirange_contains_elem', 4249, [anymultirange, anyelement], bool, setHas)),
  defineOperator(
    '<@',
    2872,
    overRange('elem_contained_by_multirange', 4252, [anyelement, anymultirange], bool, isInSet),
  ),
];

type OfTwo<Item> = (type: RangeDefinition, left: Item, right: Item) => Item & Value;

function combination<Item>(
  symbol: string,
  operand: TypeDefinition,
  [functionName, functionOid, operatorOid]: Names,
  combine: OfTwo<Item>,
): OperatorDefinition {
  const evaluateFor = (type: RangeDefinition) => (left: Item, right: Item) => combine(type, left, right);
  return defineOperator(
    symbol,
    operatorOid,
    overRange(functionName, functionOid, [operand, operand], operand, evaluateFor),
  );
}

const combinations: readonly OperatorDefinition[] = [
  combination<SqlRange>('+', anyrange, ['range_union', 3867, 3898], unite),
  combination<SqlRange>('-', anyrange, ['range_minus', 3869, 3899], subtract),
  combination<SqlRange>('*', anyrange, ['range_intersect', 3868, 3900], intersect),
  combination<SqlMultirange>('+', anymultirange, ['multirange_union', 4270, 4392], uniteSets),
  combination<SqlMultirange>('-', anymultirange, ['multirange_minus', 4271, 4393], subtractSets),
  combination<SqlMultirange>('*', anymultirange, ['multirange_intersect', 4272, 4394], intersectSets),
];

function comparisons(operand: TypeDefinition, names: ComparisonNames): OperatorDefinition[] {
  return names.map(([functionName, functionOid, operatorOid], at) => {
    const symbol = symbols[at]!;
    const evaluateFor = (range: RangeDefinition) => {
      const type = operand === anyrange ? range : multirangeOver(range);
      return familyOf((left, right) => type?.compare(left, right) ?? 0)[symbol].evaluate;
    };
    return defineOperator(
      symbol,
      operatorOid,
      overRange(functionName, functionOid, [operand, operand], bool, evaluateFor),
    );
  });
}

/** What there is between ranges, multiranges and values of their bounds' type. */
export const rangeOperators: readonly OperatorDefinition[] = [
  ...comparisons(anyrange, [
    ['range_eq', 3855, 3882],
    ['range_ne', 3856, 3883],
    ['range_lt', 3871, 3884],
    ['range_le', 3872, 3885],
    ['range_gt', 3874, 3887],
    ['range_ge', 3873, 3886],
  ]),
  ...comparisons(anymultirange, [
    ['multirange_eq', 4244, 2860],
    ['multirange_ne', 4245, 2861],
    ['multirange_lt', 4274, 2862],
    ['multirange_le', 4275, 2863],
    ['multirange_gt', 4277, 2865],
    ['multirange_ge', 4276, 2864],
  ]),
  ...relations.flatMap(relationOperators),
  ...elementOperators,
  ...combinations,
];
