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

/** One line: how many are live, and what is worth knowing beside the faults. */
export function summaryLine({ renditions, faults, tornPlaylists }: ProbeReport): string {
  const faulty = new Set(faults.map(({ rendition }) => rendition));
  const live = renditions.filter(({ name }) => !faulty.has(name)).length;
  const torn = tornPlaylists > 0 ? `; ${tornPlaylists} torn playlists were read again` : "";
  return `${live} of ${renditions.length} renditions live, ${faults.length} ${faults.length === 1 ? "fault" : "faults"}${torn}`;
}

function labelOf(rendition: RenditionReport): string {
  const size = sizeOf(rendition);
  const rate = rendition.framerate === undefined ? "" : `@${rendition.framerate}`;
  return rendition.name === size ? `${size}${rate}` : `${rendition.name} ${size}${rate}`;
}

function liveText({ latencySeconds = 0 }: RenditionReport): string {
  const side = latencySeconds < 0 ? "ahead" : "behind";
  return `live, clock ${Math.abs(latencySeconds).toFixed(1)} s ${side}`;
}
