import type { Element, Field, Found } from "./paths";
import { isWithin, leavesAt } from "./paths";

/**
 * Array consistency: conditions on fields of the objects in one list must hold in the same element. Fields are
 * taken in the order of their paths and every set of elements that is still possible is carried along;
 * `{"exists": false}` is judged against the elements fixed so far, as in the engine. Returns the position of the
 * first field that leaves none, or the number of fields.
 *
 * Source: https://github.com/aws/event-ruler (ACFinder, ArrayMembership)
 */
export function firstConflict(fields: Field[], event: object): number {
  let possible: Element[][] = [[]];
  for (const [position, field] of fields.entries()) {
    const later = fields.slice(position + 1);
    const matters = ({ path }: Element) => later.some(other => isWithin(other.path, path));
    const found = byOutermost(leavesAt(event, field.steps));
    const next = new Map<string, Element[]>();
    for (const fixed of possible) {
      const keep = (elements: Element[]) => {
        const added = elements.filter(element => !fixed.some(other => other.list === element.list));
        const kept = [...fixed, ...added].filter(matters);
        next.set(JSON.stringify(kept.map(({ list, index }) => [list, index]).sort()), kept);
      };
      const consistent = withinReach(found, fixed).filter(leaf =>
        leaf.elements.every(element => agrees(element, fixed)),
      );
      if (field.mayBeAbsent && consistent.length === 0) keep([]);
      for (const leaf of consistent) if (field.test(leaf.value)) keep(leaf.elements);
    }
    if (next.size === 0) return position;
    possible = [...next.values()];
  }
  return fields.length;
}

const agrees = (element: Element, fixed: Element[]): boolean =>
  fixed.every(other => other.list !== element.list || other.index === element.index);

/** Values by the outermost list that they are in, then by their element of it: long lists stay affordable. */
type ByOutermost = Map<string, Map<number, Found[]>>;

const byOutermost = (leaves: Found[]): ByOutermost => {
  const lists: ByOutermost = new Map();
  for (const leaf of leaves) {
    const { list, index } = leaf.elements[0] ?? { list: "", index: 0 };
    const elements = lists.get(list) ?? new Map<number, Found[]>();
    const together = elements.get(index) ?? [];
    together.push(leaf);
    lists.set(list, elements.set(index, together));
  }
  return lists;
};

const withinReach = (lists: ByOutermost, fixed: Element[]): Found[] =>
  [...lists].flatMap(([list, elements]) => {
    const tie = fixed.find(element => element.list === list);
    return tie ? (elements.get(tie.index) ?? []) : [...elements.values()].flat();
  });
