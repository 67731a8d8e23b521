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
 * Colours a piece of text for stdout by its kind: a sign such as `✗`, or `area` or `quiet`. Any other text stays unchanged,
 * and so does all text if stdout is not a terminal or NO_COLOR is set. FORCE_COLOR overrules both.
 */
export const paint = (ink: string, text: string): string =>
  Object.hasOwn(inks, ink) ? styleText(inks[ink as keyof typeof inks], text) : text;

/** Gives a piece of text a colour by its kind, or none. */
export type Paint = typeof paint;
