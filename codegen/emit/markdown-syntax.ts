/**
 * A text as a Markdown paragraph: what Markdown or HTML would read as syntax is escaped, but for code spans of one
 * backtick, which are kept. Line ends become spaces.
 */
export const markdownText = (text: string): string => paragraph(text, () => true);

const paragraph = (text: string, mayStand: (span: string) => boolean): string =>
  text
    .trim()
    .replace(/\s+/gu, " ")
    // Split at whole spans, so that what they hold stays as it is; one with spaces at both ends would lose them.
    .split(/(?<!`)(`(?! [^`]* `)[^`]+`)(?!`)/)
    .map((part, index) => (index % 2 === 1 && mayStand(part) ? part : escaped(part)))
    .join("")
    .replace(/^(?:[-+=~]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? start : `\\${start}`))
    .replace(/^(\d+)([.)])/, "$1\\$2");

const escaped = (text: string): string => text.replace(/[\\`<>*_[\]#&~]/g, "\\$&");

/** A text as a cell of a table. There no code span can say a bar behind a backslash: the bar would end the cell. */
export const markdownCell = (text: string): string => escapePipes(paragraph(text, (span) => !span.includes("\\|")));

/** In a table's cell a bar must be escaped in code spans too. */
export const escapePipes = (markdown: string): string => markdown.replaceAll("|", "\\|");

/** A text as a code span: shown as it is, on one line. */
export function markdownCode(text: string): string {
  const line = text.replace(/\s/gu, " ");
  const fence = "`".repeat(longestRun(line) + 1);
  // One space on both sides is cut off again; without them a backtick at the edge would be the fence's.
  const pad = /^`|`$|^ .*\S.* $/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Lines of code as a fenced block. */
export function markdownBlock(language: string, code: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(code) + 1));
  return `${fence}${language}\n${code}${code.endsWith("\n") ? "" : "\n"}${fence}`;
}

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
