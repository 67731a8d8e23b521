import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { rehearsalTokenName } from "../../codegen/schema/core/secret-ref.ts";
import { endProcess } from "../lib/child-process.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import type { RehearsalReport } from "../rehearse/rehearsal-report.ts";
import { rehearsalLines } from "../rehearse/rehearsal-text.ts";
import type { LocalStage } from "./stage.ts";

/** How many viewers watch the demo, and how long. */
export interface Crowd {
  readonly viewers: number;
  readonly seconds: number;
}

/** What a crowd measured, and the exit code of `lectern rehearse`. */
export interface CrowdResult {
  readonly report: RehearsalReport;
  readonly code: ExitCode;
}

/**
 * Runs `lectern rehearse` on a stage that allows it, as a part of the stage. It shows its progress on stderr. It has a process of
 * its own: in the process of gate and keeper, the viewers would slow down the stage that they judge. Throws CliError with
 * the command's exit code if it ends without a report; the command has said why on stderr.
 */
export async function rehearseStage(
  { page, caFile, secretsDir, parts }: Pick<LocalStage, "page" | "caFile" | "secretsDir" | "parts">,
  { viewers, seconds }: Crowd,
): Promise<CrowdResult> {
  const lectern = [...process.execArgv, fileURLToPath(new URL("../main.ts", import.meta.url))];
  const place = ["--url", page, "--ca", caFile, "--token-file", join(secretsDir, rehearsalTokenName)];
  const size = ["--viewers", `${viewers}`, "--duration", `${seconds}`];
  const child = spawn(process.execPath, [...lectern, "rehearse", "--json", ...place, ...size], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  parts.push({ name: "the crowd", died: new Promise(() => {}), stop: () => endProcess(child) });
  const [json, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (json === "")
    throw new CliError(
      (code as ExitCode | null) ?? ExitCode.failed,
      "the crowd could not watch the stage: the lines above say why",
    );
  return { report: JSON.parse(json) as RehearsalReport, code: code as ExitCode };
}

/** The exit code of a demo: 2 if its own checks found a fault, else that of the rehearsal, if there was one. */
export const codeWithCrowd = (isGood: boolean, crowd: ExitCode = ExitCode.done): ExitCode =>
  isGood ? crowd : ExitCode.differs;

/** The rehearsal's table and verdict. If the demo does not hold, this one machine may be why. */
export function crowdLines(report: RehearsalReport): string[] {
  return [
    ...rehearsalLines(report),
    ...(report.verdict === "passed"
      ? []
      : [
          "  This machine also filmed, encoded and served the stream. On a host, the viewers' work is done elsewhere:",
          "  rehearse the host itself, with `lectern rehearse`, before you judge it.",
        ]),
  ];
}
