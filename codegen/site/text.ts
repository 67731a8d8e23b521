/** Lines of a block, each indented. Lines that begin with `@@` stand for text that has its own indentation. */
export const blocksIndentedBy =
  (indent: string) =>
  (head: string, lines: readonly string[]): string[] => [
    `${head} {`,
    ...lines.map((line) => (line === "" || line.startsWith("@@") ? line : `${indent}${line}`)),
    "}",
  ];

/** A comment of Caddy and nginx, on lines of at most `width` letters. */
export const comment = (text: string, width = 128): string[] => {
  const lines: string[] = [];
  for (const one of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + one.length + 1 <= width) lines[lines.length - 1] = `${last} ${one}`;
    else lines.push(`# ${one}`);
  }
  return lines;
};
