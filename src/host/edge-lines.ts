import { oneLine } from "../../codegen/load/printable.ts";
import type { Paint } from "../lib/colour.ts";
import type { EdgeState, SteeringState } from "./steer-client.ts";

/** One line for each edge of a stage: its state, its viewers and their speed. */
export function edgeLines({ edges, origin }: SteeringState, paint: Paint): string[] {
  const width = Math.max(0, ...edges.map(({ name }) => name.length), "origin".length);
  const line = (sign: string, name: string, text: string): string => `${sign} ${oneLine(name).padEnd(width)}  ${text}`;
  return [
    ...edges.map((edge) => line(signOf(edge, paint), edge.name, `${stateText(edge)}, ${watching(edge)}`)),
    line(" ", "origin", watching(origin)),
  ];
}

const signOf = ({ state }: EdgeState, paint: Paint): string =>
  state === "up" ? paint("✓", "✓") : state === "drained" ? paint("!", "!") : paint("✗", "✗");

function stateText({ state, drained, fault }: EdgeState): string {
  if (state === "down") return `does not answer (${oneLine(fault ?? "unknown")})${drained ? ", drained" : ""}`;
  const last = fault === null ? "" : ` (last check: ${oneLine(fault)})`;
  return `${state === "up" ? "up" : "drained"}${last}`;
}

function watching({ viewers, kbps }: Pick<EdgeState, "viewers" | "kbps">): string {
  const speed = kbps === null ? "" : `, they get ${speedText(kbps)} at the median`;
  return `${viewers} ${viewers === 1 ? "viewer" : "viewers"}${speed}`;
}

const speedText = (kbps: number): string =>
  kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`;
