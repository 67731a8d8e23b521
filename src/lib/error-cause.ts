/**
 * Functions that read the cause of an error. Anything can be thrown: a string, an error without a cause (a time-out of `fetch`), an
 * error that wraps others (`fetch`, a name with several addresses), an error whose causes lead back to itself.
 */

const deepest = 8;

/** The thrown object and its causes, outermost first. */
function chainOf(thrown: unknown): object[] {
  const chain: object[] = [];
  const waiting = [thrown];
  while (waiting.length > 0 && chain.length < deepest) {
    const one = waiting.shift();
    if (typeof one !== "object" || one === null || chain.includes(one)) continue;
    chain.push(one);
    const { errors, cause } = one as { errors?: unknown; cause?: unknown };
    waiting.push(cause, ...(Array.isArray(errors) ? errors.slice(0, deepest) : []));
  }
  return chain;
}

/** The first value of that name in an error or in its causes; undefined if none has one. */
export const fromCauses = (thrown: unknown, key: string): unknown =>
  chainOf(thrown)
    .map((one) => (one as Record<string, unknown>)[key])
    .find((value) => value !== undefined);

const textIn = (one: object, key: "code" | "message" | "name"): string => {
  const value = (one as Record<string, unknown>)[key];
  return typeof value === "string" ? value : "";
};

/** The system's code, such as `ENOENT` or `ECONNREFUSED`, of an error or of its causes; `""` if none has a code. */
export const codeOf = (thrown: unknown): string =>
  chainOf(thrown)
    .map((one) => textIn(one, "code"))
    .find((code) => code !== "") ?? "";

/** Why it failed, in the words of the innermost cause; never empty. */
export function reasonOf(thrown: unknown): string {
  if (typeof thrown === "string" && thrown !== "") return thrown;
  const words = chainOf(thrown).map((one) => textIn(one, "message"));
  return words.findLast((one) => one !== "") || codeOf(thrown) || "the reason is not known";
}

const timeoutCodes = new Set(["UND_ERR_BODY_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT"]);

/** Whether an error is a time-out. */
export const isTimeout = (thrown: unknown): boolean =>
  chainOf(thrown).some((one) => textIn(one, "name") === "TimeoutError" || timeoutCodes.has(textIn(one, "code")));

const words: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  ENOSPC: "ENOSPC: no space left on the disk",
  EDQUOT: "EDQUOT: this user's disk quota is used up",
  EROFS: "EROFS: the file system is read-only",
};

/** Why a file cannot be used, for brackets after its name: the system's code, with words if few people know the code. */
export function fileFault(thrown: unknown): string {
  const code = codeOf(thrown);
  return words[code] ?? (code || reasonOf(thrown));
}
