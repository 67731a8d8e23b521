/**
 * A text as a Markdown paragraph. Characters that are syntax in Markdown or HTML are escaped, except for code spans of one
 * backtick, which are kept. Line ends become spaces.
 */
export const markdownText = (text: string): string => paragraph(text, () => true);

const paragraph = (text: string, mayStand: (span: string) => boolean): string =>
  text
    .trim()
    .replace(/\s+/gu, " ")
    // Split at whole spans, so that their content stays unchanged. A span with spaces at both ends would lose them.
    .split(/(?<!`)(`(?! [^`]* `)[^`]+`)(?!`)/)
    .map((part, index) => (index % 2 === 1 && mayStand(part) ? part : escaped(part)))
    .join("")
    .replace(/^(?:[-+=~]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? start : `\\${start}`))
    .replace(/^(\d+)([.)])/, "$1\\$2");

const escaped = (text: string): string => text.replace(/[\\`<>*_[\]#&~]/g, "\\$&");

/** A text as a cell of a table. A code span there cannot contain a bar after a backslash: the bar would end the cell. */
export const markdownCell = (text: string): string => escapePipes(paragraph(text, (span) => !span.includes("\\|")));

/** In a table's cell a bar must be escaped in code spans too. */
export const escapePipes = (markdown: string): string => markdown.replaceAll("|", "\\|");

/** A text as a code span: shown as it is, on one line. */
export function markdownCode(text: string): string {
  const line = text.replace(/\s/gu, " ");
  const fence = "`".repeat(longestRun(line) + 1);
  // Markdown removes one space on both sides. Without them, a backtick at the edge would belong to the fence.
  const pad = /^`|`$|^ .*\S.* $/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Lines of code as a fenced block. */
export function markdownBlock(language: string, code: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(code) + 1));
  return `${fence}${language}\n${code}${code.endsWith("\n") ? "" : "\n"}${fence}`;
}

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
