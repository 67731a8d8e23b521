/** The words of a shell command line as the shell would split it, quotes resolved; operators (`|`, `>`, `;`, `&&`) are words of their own. */
export function shellWords(line: string): string[] {
  const word = /\s+|(#.*$)|(&&|\|\||[|;<>&])|((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'|;<>&\\])+)/gy;
  const words: string[] = [];
  for (const [, comment, operator, text] of line.matchAll(word)) {
    if (comment) break;
    if (operator) words.push(operator);
    if (text) words.push(text.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, "$1$2$3"));
  }
  return words;
}

const isOperator = (word: string): boolean => /^(&&|\|\||[|;<>&])$/.test(word);

/**
 * The arguments of every `lectern …` in a shell command line, whatever stands before it (`sudo`, `ssh host`, `flock file`,
 * `npm run -s lectern --`). A `lectern` inside another word, such as a path, is none.
 */
export function lecternArguments(line: string): string[][] {
  const words = shellWords(line);
  return words.flatMap((word, at) => {
    if (word !== "lectern" && !word.endsWith("/bin/lectern")) return [];
    const rest = words.slice(words[at + 1] === "--" ? at + 2 : at + 1);
    const end = rest.findIndex(isOperator);
    return [end === -1 ? rest : rest.slice(0, end)];
  });
}

/** The command lines in a document's code blocks that begin with a prompt (`$`, `#`), without it; continued lines are joined. */
export function commandsInBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^ *```(?:console|sh|bash)\n([\s\S]*?)^ *```/gm)].flatMap(([, block = ""]) =>
    block
      .replaceAll(/\\\n\s*/g, "")
      .split("\n")
      .flatMap((line) => /^\s*[$#] (.*)$/.exec(line)?.[1] ?? []),
  );
}

/** The command lines in a document's running text: `lectern …` in back-ticks. A bare `lectern` is none. */
export function commandsInText(markdown: string): string[] {
  const text = markdown.replaceAll(/^ *```[\s\S]*?^ *```/gm, "");
  return [...text.matchAll(/`((?:npm run -s )?lectern [^`]+)`/g)].map(([, line = ""]) => line);
}
