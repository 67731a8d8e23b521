import { z } from "zod";

interface TextLimits {
  readonly min?: number;
  readonly max: number;
  /** Pattern that is safe in JSON Schema (ECMA, unicode flag), and its meaning in words. */
  readonly pattern?: { readonly regex: RegExp; readonly says: string };
  readonly multiline?: true;
}

// C0 controls except tab and line feed, DEL, C1 controls, and code points that reorder or break the text around them.
const unprintable = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069";

/**
 * A text with limits in characters. They are code points, as in JSON Schema, so that an emoji counts as one.
 * One line unless `multiline`; control characters are refused in both.
 */
export function text({ min = 0, max, pattern, multiline }: TextLimits) {
  const allowed = new RegExp(`^[^${unprintable}${multiline ? "" : "\\t\\n"}]*$`, "u");
  const says = multiline ? "no control characters" : "a single line without control characters";
  const faultOf = (value: string): string | undefined => {
    const { length } = [...value];
    const ofLength = `expected ${min > 0 ? `${min} to` : "at most"} ${max} characters, got ${length}`;
    if (length > max || (length === 0 && min === 1)) return ofLength;
    if (!allowed.test(value)) return `expected ${says}`;
    if (pattern && !pattern.regex.test(value)) return `expected ${pattern.says}`;
    return length < min ? ofLength : undefined;
  };
  // A text that breaks two rules gets one fault, the more helpful one. With `continue`, zod checks the rules between settings too.
  const schema = z.string().check(({ value, issues }) => {
    const message = faultOf(value);
    if (message) issues.push({ code: "custom", message, input: value, path: [], continue: true });
  });
  return schema.meta({
    $comment: [multiline ? "may have several lines" : "one line", ...(pattern ? [pattern.says] : [])].join("; "),
    ...(min > 0 && { minLength: min }),
    maxLength: max,
    ...(pattern
      ? { allOf: [{ pattern: allowed.source }, { pattern: pattern.regex.source }] }
      : { pattern: allowed.source }),
  });
}

/**
 * A text of several lines that Owncast trims: spaces around it are refused, so that what is written is what reads back.
 */
export const trimmedText = (max: number) =>
  text({
    max,
    multiline: true,
    pattern: { regex: /^(?:\S(?:[\s\S]*\S)?)?$/u, says: "no spaces or empty lines around it" },
  });
