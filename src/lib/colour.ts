const codes: Readonly<Record<string, string>> = {
  area: "1",
  "+": "32",
  "-": "31",
  "~": "33",
  "✓": "32",
  "✗": "31",
  "!": "33",
  quiet: "2",
};

/** Whether stdout wants colours: a terminal, and nobody has set NO_COLOR. */
const wantsColour = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR;

/** Gives a piece of text the colour of what it is, where stdout wants colours. */
export const paint = (ink: string, text: string): string => {
  const code = codes[ink];
  return code !== undefined && wantsColour() ? `\x1b[${code}m${text}\x1b[0m` : text;
};

/** Gives a piece of text a colour by what it is, or none. */
export type Paint = typeof paint;
