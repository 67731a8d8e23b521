/** A text as a Nix string literal on one line. */
export const nixString = (text: string): string =>
  `"${text.replace(/["\\]/g, "\\$&").replace(/\$\{/g, "\\${").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;

/** A text as an indented Nix string, one line of it a source line; reads back as the text and a final newline. */
export function nixText(text: string, depth: number): string[] {
  const pad = "  ".repeat(depth);
  const escaped = text.replace(/''/g, "'''").replace(/\$\{/g, "''${");
  return [`${pad}''`, ...escaped.split("\n").map((line) => (line === "" ? "" : `${pad}  ${line}`)), `${pad}''`];
}

/** Plain data as a Nix expression, its lines indented to `depth`. */
export function nixValue(value: unknown, depth: number): string[] {
  const pad = "  ".repeat(depth);
  if (typeof value === "string") return [`${pad}${nixString(value)}`];
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

const nixKey = (key: string): string => (/^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(key) ? key : nixString(key));
