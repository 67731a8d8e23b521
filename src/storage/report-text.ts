import { oneLine } from "../../codegen/load/printable.ts";
import { ExitCode } from "../lib/errors.ts";
import type { StorageReport, StorageStep } from "./check-storage.ts";
import type { StorageFinding } from "./explain-failure.ts";

const marks: Readonly<Record<StorageStep["state"], string>> = { ok: "✓", warning: "!", fault: "✗", skipped: "–" };

/** A finding and its remedy, a line each. */
export const findingLines = ({ setting, says, remedy }: StorageFinding): string[] => [
  oneLine(`${setting}: ${says}`),
  oneLine(`→ ${remedy}`),
];

/** A report for people, line by line; the first character of a line is its mark. */
export function reportLines({ endpoint, bucket, viewers, origin, steps, left }: StorageReport): string[] {
  return [
    oneLine(`bucket ${bucket} at ${endpoint}; viewers of ${origin} fetch from ${viewers}`),
    ...steps.flatMap(({ state, title, findings }) => [
      `${marks[state]} ${title}${state === "skipped" ? " (not checked)" : ""}`,
      ...findings.flatMap(findingLines).map((line) => `    ${line}`),
    ]),
    ...(left === undefined ? [] : [oneLine(`! the test file is still there; delete it: ${left}`)]),
  ];
}

/** 0 without a fault; 69 if nothing answers, 77 if the keys are refused, else 2. */
export function reportExitCode({ steps }: StorageReport): ExitCode {
  const codes = steps.flatMap(({ findings }) =>
    findings.filter(({ severity }) => severity === "fault").map(({ exitCode }) => exitCode),
  );
  return (
    ([ExitCode.unreachable, ExitCode.refused, ExitCode.differs] as const).find((code) => codes.includes(code)) ?? 0
  );
}
