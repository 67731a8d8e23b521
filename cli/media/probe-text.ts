import { type Check, type CheckResult, renditionChecks, stageChecks } from "./checks.ts";
import { sizeOf } from "./match-renditions.ts";
import type { ProbeReport, RenditionReport } from "./probe-report.ts";

/** A line for each fault of the whole stage, then one for each rendition: `✓ HD 1280x720@30: live, clock 4.2 s behind`. */
export function verdictLines({ renditions, faults }: ProbeReport): string[] {
  const general = faults.filter(({ rendition }) => rendition === undefined);
  return [
    ...general.map(({ message }) => `✗ ${message}`),
    ...renditions.map((rendition) => {
      const own = faults.filter((fault) => fault.rendition === rendition.name);
      const verdict = own.length > 0 ? own.map(({ message }) => message).join("; ") : liveText(rendition);
      return `${own.length > 0 ? "✗" : "✓"} ${labelOf(rendition)}: ${verdict}`;
    }),
  ];
}

const labels: Readonly<Record<Check, string>> = { ...stageChecks, ...renditionChecks };
// The worst first.
const marks = { failed: "✗", warned: "!", passed: "✓", "not-checked": "–" } as const;
const outcomes = Object.keys(marks) as (keyof typeof marks)[];
const labelWidth = Math.max(...Object.values(labels).map(({ length }) => length));

/**
 * A line for each check: ✗ with the renditions that fail it and why, ! with what is no fault but could be better, ✓ with what
 * was found, – with why it was not made.
 * A check of several renditions fails when one does.
 */
export function checklistLines({ checks }: ProbeReport): string[] {
  return (Object.keys(labels) as Check[]).flatMap((check) => {
    const all = checks.filter((result) => result.check === check);
    const outcome = outcomes.find((each) => all.some((result) => result.outcome === each));
    if (!outcome) return [];
    const details = detailsOf(all.filter((result) => result.outcome === outcome));
    const said = outcome === "not-checked" ? `not checked: ${details}` : details;
    return [`${marks[outcome]} ${labels[check].padEnd(labelWidth)}  ${said}`.trimEnd()];
  });
}

/** What several renditions have in common is said once; a rendition that fails alone is named. */
function detailsOf(results: readonly CheckResult[]): string {
  const telling = results.filter(({ detail }) => detail !== "");
  const common = new Set(telling.map(({ detail }) => detail));
  const isShared = common.size === 1 && telling.length > 1;
  return isShared
    ? [...common].join()
    : telling.map(({ rendition, detail }) => (rendition === undefined ? detail : `${rendition}: ${detail}`)).join("; ");
}

/** One line: how many are live, and what is worth knowing beside the faults. */
export function summaryLine({ renditions, faults, checks, tornPlaylists }: ProbeReport): string {
  const faulty = new Set(faults.map(({ rendition }) => rendition));
  const live = renditions.filter(({ name }) => !faulty.has(name)).length;
  const torn = tornPlaylists > 0 ? `; ${tornPlaylists} torn playlists were read again` : "";
  const warnings = checks.filter(({ outcome }) => outcome === "warned").length;
  const warned = warnings > 0 ? `, ${counted(warnings, "warning")}` : "";
  return `${live} of ${renditions.length} renditions live, ${counted(faults.length, "fault")}${warned}${torn}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function labelOf(rendition: RenditionReport): string {
  const size = sizeOf(rendition);
  const rate = rendition.framerate === undefined ? "" : `@${rendition.framerate}`;
  return rendition.name === size ? `${size}${rate}` : `${rendition.name} ${size}${rate}`;
}

function liveText({ latencySeconds = 0 }: RenditionReport): string {
  const side = latencySeconds < 0 ? "ahead" : "behind";
  return `live, clock ${Math.abs(latencySeconds).toFixed(1)} s ${side}`;
}
