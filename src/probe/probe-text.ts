import { sizeText } from "../media/declared-renditions.ts";
import {
  type Check,
  type CheckResult,
  type Fault,
  type ProbeReport,
  type RenditionReport,
  renditionChecks,
  stageChecks,
} from "./probe-report.ts";

/**
 * A line for each fault of the stage, for each rendition (`✓ HD 1280x720@30: live, clock 4.2 s behind`) and for each warning. Each
 * remedy follows the first line that needs it.
 */
export function verdictLines({ renditions, faults, warnings }: ProbeReport): string[] {
  const told = new Set<string>();
  const withRemedies = (line: string, about: readonly Fault[]): string[] => {
    const remedies = [...new Set(about.flatMap(({ remedy }) => remedy ?? []))].filter((remedy) => !told.has(remedy));
    for (const remedy of remedies) told.add(remedy);
    return [line, ...remedies.map((remedy) => `  → ${remedy}`)];
  };
  const general = faults.filter(({ rendition }) => rendition === undefined);
  return [
    ...general.flatMap((fault) => withRemedies(`✗ ${fault.message}`, [fault])),
    ...renditions.flatMap((rendition) => {
      const own = faults.filter((fault) => fault.rendition === rendition.name);
      const verdict = own.length > 0 ? own.map(({ message }) => message).join("; ") : liveText(rendition);
      return withRemedies(`${own.length > 0 ? "✗" : "✓"} ${labelOf(rendition)}: ${verdict}`, own);
    }),
    ...[...new Set(warnings.map(({ message }) => message))].flatMap((message) => {
      const same = warnings.filter((warning) => warning.message === message);
      const whose = same.flatMap(({ rendition }) => rendition ?? []).join(", ");
      return withRemedies(`! ${whose === "" ? "" : `${whose}: `}${message}`, same);
    }),
  ];
}

const labels: Readonly<Record<Check, string>> = { ...stageChecks, ...renditionChecks };
const marks = { failed: "✗", warned: "!", passed: "✓", "not-checked": "–" } as const;
const labelWidth = Math.max(...Object.values(labels).map(({ length }) => length));

/**
 * A line for each check: ✗ with the renditions that fail and why, ! with a warning, ✓ with what was found, – with why it was not
 * made. A check fails if one rendition fails it. If it passed for some renditions only, the line names the others.
 */
export function checklistLines({ checks }: ProbeReport): string[] {
  return (Object.keys(labels) as Check[]).flatMap((check) => {
    const all = checks.filter((result) => result.check === check);
    const outcome = (["failed", "warned", "passed", "not-checked"] as const).find((each) =>
      all.some((result) => result.outcome === each),
    );
    if (!outcome) return [];
    const details = detailsOf(all.filter((result) => result.outcome === outcome));
    const skipped = outcome === "passed" ? all.filter((result) => result.outcome === "not-checked") : [];
    const passed = [details, ...(skipped.length > 0 ? [`not checked: ${detailsOf(skipped, true)}`] : [])];
    const said =
      outcome === "not-checked" ? `not checked: ${details}` : passed.filter((text) => text !== "").join("; ");
    return [`${marks[outcome]} ${labels[check].padEnd(labelWidth)}  ${said}`.trimEnd()];
  });
}

/** A detail that all renditions share stands once; otherwise each rendition is named. */
function detailsOf(results: readonly CheckResult[], named = false): string {
  const telling = results.filter(({ detail }) => detail !== "");
  const common = new Set(telling.map(({ detail }) => detail));
  const isShared = common.size === 1 && telling.length > 1 && !named;
  return isShared
    ? [...common].join()
    : telling.map(({ rendition, detail }) => (rendition === undefined ? detail : `${rendition}: ${detail}`)).join("; ");
}

/** One line: how many renditions are live, how many faults and warnings there are. */
export function summaryLine({ renditions, faults, warnings, tornPlaylists }: ProbeReport): string {
  const faulty = new Set(faults.map(({ rendition }) => rendition));
  const live = renditions.filter(({ name }) => !faulty.has(name)).length;
  const torn = tornPlaylists > 0 ? `; ${tornPlaylists} torn playlists were read again` : "";
  const warned = warnings.length > 0 ? `, ${counted(warnings.length, "warning")}` : "";
  return `${live} of ${renditions.length} renditions live, ${counted(faults.length, "fault")}${warned}${torn}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function labelOf(rendition: RenditionReport): string {
  const size = sizeText(rendition);
  // A passthrough rendition of a camera that never came.
  if (rendition.width === 0 && rendition.height === 0) return rendition.name;
  const rate = rendition.framerate === undefined ? "" : `@${rendition.framerate}`;
  return rendition.name === size ? `${size}${rate}` : `${rendition.name} ${size}${rate}`;
}

function liveText({ latencySeconds }: RenditionReport): string {
  if (latencySeconds === undefined) return "live, delay not measured";
  const side = latencySeconds < 0 ? "ahead" : "behind";
  return `live, clock ${Math.abs(latencySeconds).toFixed(1)} s ${side}`;
}
