import type { JsonSchema } from "../../../codegen/emit/json-schema.ts";

/** For tests: what a text's schema asks for, as regular expressions read the way JSON Schema reads them. */
export const patternsOf = ({ pattern, allOf = [] }: JsonSchema): RegExp[] =>
  [pattern, ...allOf.map((part) => part.pattern)].flatMap((source) =>
    source === undefined ? [] : [new RegExp(source, "u")],
  );

const matches = (schema: JsonSchema, text: string): boolean =>
  patternsOf(schema).every((pattern) => pattern.test(text));

/** For tests: a text of so many characters that fits every pattern, made from a good one; undefined where there is none. */
export function textOfLength(schema: JsonSchema, good: string, length: number, filler: string): string | undefined {
  const characters = [...good];
  const missing = length - characters.length;
  if (missing <= 0) {
    const shorter = [characters.slice(0, length), characters.slice(characters.length - length)].map((part) =>
      part.join(""),
    );
    return [...shorter, filler.repeat(length)].find((text) => matches(schema, text));
  }
  for (let at = characters.length; at >= 0; at--) {
    const fill = (count: number) =>
      [...characters.slice(0, at), filler.repeat(count), ...characters.slice(at)].join("");
    // A few show whether it fits; a hundred thousand are tried but once.
    if (matches(schema, fill(2)) && matches(schema, fill(missing))) return fill(missing);
  }
  return undefined;
}

/** For tests: a good text with a piece put in where it fits; undefined where it fits nowhere. */
export function textWith(schema: JsonSchema, good: string, piece: string): string | undefined {
  const characters = [...good];
  const places = Array.from({ length: characters.length + 1 }, (_, index) => characters.length - index);
  return places.map((at) => characters.toSpliced(at, 0, piece).join("")).find((text) => matches(schema, text));
}

const signs = [
  ..."\0\u0007\t\n\r\u007f\u0085\u2028\u202e\u2066<>\"'`\\ #,.:;/_-=&%$()[]{}AZ09é🎥\ufeff",
  "..",
  "javascript:",
];

/** For tests: a good text with one foreign piece at its start, in its middle or at its end, its length kept to the limits. */
export function disturbed(schema: JsonSchema, good: string): string[] {
  const characters = [...good].slice(0, 40);
  const middle = characters.length >> 1;
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  return signs
    .flatMap((sign) => [0, middle, characters.length].map((at) => characters.toSpliced(at, 0, sign).join("")))
    .filter((text) => [...text].length >= minLength && [...text].length <= maxLength);
}
