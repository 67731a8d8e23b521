import { oneLine, printable } from "../../codegen/load/printable.ts";
import type { GateState } from "./gate-client.ts";
import { timeText } from "./time-text.ts";

// Below that, audio and video of a slow camera are still on their way.
const silentForSeconds = 2;

/** What a gate does, in one line for people. `now` in ms since the epoch. */
export function gateText({ listening, inputs, refused }: GateState, now: number): string {
  const names = Object.keys(inputs);
  const refusals = Object.entries(refused).filter(([, many]) => many > 0);
  return [
    listening ? "listening" : "waiting for its port, which an Owncast from before the gate holds until its stream ends",
    ...Object.entries(inputs).flatMap(([name, input]) =>
      inputTexts(input, now).map((text) => (names.length > 1 ? `${oneLine(name)}: ${text}` : text)),
    ),
    ...(refusals.length === 0
      ? []
      : [`refused so far: ${refusals.map(([reason, many]) => `${many} × ${oneLine(reason)}`).join(", ")}`]),
  ].join("; ");
}

function inputTexts({ publisher, waiting }: GateState["inputs"][string], now: number): string[] {
  const held = waiting === 0 ? [] : [waiting === 1 ? "1 publisher waits" : `${waiting} publishers wait`];
  if (publisher === null) return ["nobody publishes", ...held];
  const { key, address, sinceSeconds, silentSeconds, kbps } = publisher;
  const rate =
    silentSeconds < silentForSeconds ? `${Math.round(kbps)} kbit/s` : `nothing came for ${Math.round(silentSeconds)} s`;
  const since = timeText(now - sinceSeconds * 1000, now);
  return [`key ${printable(key)} publishes from ${oneLine(address)} since ${since}, ${rate}`, ...held];
}
