import { CliError, ExitCode } from "../errors.ts";
import { accepted, type WriteResult } from "./client.ts";
import type { Change } from "./diff.ts";
import type { Unsettled } from "./resources/converge.ts";

/** The seed names what this server has not. */
export const notSupported = (url: string, lacking: readonly Change[]): CliError =>
  new CliError(
    ExitCode.failed,
    `${url}: this Owncast has no ${lacking.map(({ path, since }) => path + (since ? ` (since Owncast ${since})` : "")).join(", ")}`,
    "take the setting out of the stage file, or run a newer Owncast; nothing was written",
  );

/** Owncast's words may quote a secret value back. */
export const changeLeft = ({ path, secret }: Change, answer: WriteResult | undefined): string =>
  `${path} (${answerOf(answer, secret)})`;

/** A thing outside the configuration that did not settle, on a line. */
export const stepLeft = ({ step: { path, name }, answer, since }: Unsettled): string => {
  const lacking = answer?.status === 404 && since ? `; it is there since Owncast ${since}` : "";
  return `${path}${name && ` ${name}`} (${answerOf(answer, false)}${lacking})`;
};

/** What the server answered to a write, for a person; without its words where they may hold a secret. */
export function answerOf(answer: WriteResult | undefined, secret: boolean): string {
  if (!answer) return "changed meanwhile by someone else";
  const words = secret || answer.message === "" ? "" : `: ${answer.message}`;
  return answer.status === 0 ? `the connection was lost${words}` : `the server answered ${answer.status}${words}`;
}

/** The error that ended it, and how far the writing had come by then. */
export function brokenOff(
  error: unknown,
  changes: readonly Change[],
  answers: ReadonlyMap<string, WriteResult>,
): unknown {
  if (!(error instanceof CliError)) return error;
  const where = (wanted: (answer: WriteResult | undefined) => boolean) =>
    changes
      .filter(({ path }) => wanted(answers.get(path)))
      .map(({ path }) => path)
      .join(", ") || "nothing";
  const written = where((answer) => answer !== undefined && accepted(answer));
  const unknown = where((answer) => answer !== undefined && !accepted(answer));
  const rest = where((answer) => answer === undefined);
  const state = `written: ${written}; perhaps written: ${unknown}; not written: ${rest}, nor anything outside the configuration`;
  return new CliError(
    error.exitCode,
    `${error.message}\n  ${state}`,
    "apply again when the server is back: it writes what is missing",
    {
      cause: error,
    },
  );
}

/** After all was written and read again, these lines are not as the seed says. */
export const notConverged = (lines: readonly string[]): CliError =>
  new CliError(
    ExitCode.failed,
    `not everything is as the seed says:\n${lines.map((line) => `  ${line}`).join("\n")}`,
    "the settings that are not named here are applied; run apply again, and see Owncast's log if it stays so",
  );
