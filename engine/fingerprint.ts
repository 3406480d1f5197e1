/**
 * Says whether two pieces of plain data are the same, independent of the order
 * of their keys.
 *
 * @module
 */

/** Plain data as text, with the keys of every map sorted. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, item) => {
    if (item === null || typeof item !== "object" || Array.isArray(item)) {
      return item;
    }
    return Object.fromEntries(
      Object.entries(item).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0),
    );
  }) ?? "null";
}

/**
 * 53 bits over the stable text, as 14 hexadecimal digits: cyrb53
 * (https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js, public
 * domain). It tells changes apart; it does not resist an attacker.
 */
export function fingerprint(value: unknown): string {
  const text = stableJson(value);
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^
    Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^
    Math.imul(high ^ (high >>> 13), 3266489909);
  const number = 4294967296 * (2097151 & low) + (high >>> 0);
  return number.toString(16).padStart(14, "0");
}
