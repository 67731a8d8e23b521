/** A text as a Nix string literal on one line. Throws for NUL, the only character that Nix cannot write. */
export const nixString = (text: string): string =>
  `"${writable(text).replace(/["\\]/g, "\\$&").replace(/\$\{/g, "\\${").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;

/** A text as an indented Nix string, with a source line for each line. Nix reads it as the text and a final newline. */
export function nixText(text: string, depth: number): string[] {
  const pad = "  ".repeat(depth);
  const lines = writable(text).split("\n").map(escapeIndented);
  return [`${pad}''`, ...lines.map((line) => (line === "" ? "" : `${pad}  ${line}`)), `${pad}''`];
}

/** In an indented string `''` starts every escape. */
const escapeIndented = (line: string): string =>
  line
    .replace(/''/g, "'''")
    // Nix would read a single quote before an escape as part of it.
    .replace(/(?<!')((?:''')*)'(?=\$\{|\r)/g, "$1''\\'")
    .replace(/\$\{/g, "''${")
    .replace(/\r/g, "''\\r")
    // Nix removes spaces that all lines start with, as indentation.
    .replace(/^ /, "''\\ ");

/** A text as lines of a Nix comment. Each line end starts another comment line. */
export const nixComment = (text: string): string[] =>
  text.split(/\r\n|\n|\r/).map((line) => (line === "" ? "#" : `# ${line}`));

function writable(text: string): string {
  if (text.includes("\0")) throw new Error("Nix cannot write a NUL character");
  return text;
}

/** Plain data as a Nix expression, its lines indented to `depth`. */
export function nixValue(value: unknown, depth: number): string[] {
  const pad = "  ".repeat(depth);
  if (typeof value === "string") return [`${pad}${nixString(value)}`];
  // In a list, a minus sign would be an operator between two entries.
  if (typeof value === "number" && value < 0) return [`${pad}(${value})`];
  if (value === null || typeof value === "number" || typeof value === "boolean") return [`${pad}${value}`];
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${pad}[ ]`];
    return [`${pad}[`, ...value.flatMap((item) => nixValue(item, depth + 1)), `${pad}]`];
  }
  const entries = Object.entries(value as object).flatMap(([key, inner]) => {
    const [first = "", ...rest] = nixValue(inner, depth + 1);
    const lines = [`${pad}  ${nixKey(key)} = ${first.trimStart()}`, ...rest];
    return [...lines.slice(0, -1), `${lines.at(-1)};`];
  });
  return entries.length === 0 ? [`${pad}{ }`] : [`${pad}{`, ...entries, `${pad}}`];
}

const keywords = /^(?:if|then|else|assert|with|let|in|rec|inherit|or)$/;

/** A name in a Nix mapping, in quotes where it has to be. */
export const nixKey = (key: string): string =>
  /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(key) && !keywords.test(key) ? key : nixString(key);
