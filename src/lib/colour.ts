import { styleText } from "node:util";

const inks = {
  area: "bold",
  "+": "green",
  "-": "red",
  "~": "yellow",
  "✓": "green",
  "✗": "red",
  "!": "yellow",
  quiet: "dim",
} as const;

/**
 * Colours a piece of text that goes to stdout by what it is: a sign such as `✗`, or `area` or `quiet`. Any other text stays as it is,
 * and so does all text if stdout is no terminal or NO_COLOR is set. FORCE_COLOR overrules both.
 */
export const paint = (ink: string, text: string): string =>
  Object.hasOwn(inks, ink) ? styleText(inks[ink as keyof typeof inks], text) : text;

/** Gives a piece of text a colour by its kind, or none. */
export type Paint = typeof paint;
