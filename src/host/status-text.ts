import { oneLine, printable } from "../../codegen/load/printable.ts";
import type { Paint } from "../lib/colour.ts";
import { someOf, valueText } from "../owncast/apply/value-text.ts";
import type { CameraState } from "./camera-health.ts";
import { cameraLines, levelText, soundText, videoText } from "./camera-text.ts";
import { captionLines } from "./captions-text.ts";
import { certificateText, isCertificateWell } from "./certificate.ts";
import { edgeLines } from "./edge-lines.ts";
import { type GateState, silentForSeconds } from "./gate-client.ts";
import { interpreterLines } from "./interpreter-text.ts";
import type { LiveState, Waiting } from "./running-stream.ts";
import type { OnAir, StageStatus, StatusFault } from "./stage-status.ts";
import { storageLines } from "./stage-storage.ts";
import type { SteeringState } from "./steer-client.ts";
import type { UnitState } from "./units.ts";

const shownNames = 8;

/** A stage's state for people, line by line. `now` in ms since the epoch. */
export function statusText(
  { name, domain, units, certificate, onAir, fault, gate, camera, edges, captions, storage }: StageStatus,
  now: number,
  paint: Paint = (_, text) => text,
): string {
  const lines = [
    ...(onAir ? onAirLines(name, onAir, now, paint) : []),
    ...(storage ? storageLines(name, storage, paint) : []),
    ...(fault ? faultLines(fault, paint) : []),
    ...(gate ? gateLines(gate, now, paint) : []),
    ...(gate && "inputs" in gate ? streamLines(gate) : []),
    ...(camera ? encoderLines(camera) : []),
    ...(gate && "inputs" in gate ? interpreterLines(gate, paint) : []),
    ...(camera ? cameraLines(camera, paint) : []),
    ...(edges ? ("fault" in edges ? faultLines(edges.fault, paint) : ["edges:", ...indented(edges, paint)]) : []),
    ...(captions ? ("fault" in captions ? faultLines(captions.fault, paint) : captionLines(captions, paint)) : []),
    unitsLine(units, paint),
    `${isCertificateWell(certificate, now) ? "certificate" : paint("✗", "certificate")}: ${certificateText(certificate, now)}`,
  ];
  return `${paint("area", name)}  https://${domain}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

const indented = (edges: SteeringState, paint: Paint): string[] => edgeLines(edges, paint).map((line) => `  ${line}`);

const faultLines = ({ message, remedy }: StatusFault, paint: Paint): string[] => [
  `${paint("✗", "✗")} ${message.replaceAll("\n", "\n    ")}`,
  ...(remedy ? [`  → ${remedy}`] : []),
];

const gateLines = (gate: NonNullable<StageStatus["gate"]>, now: number, paint: Paint): string[] =>
  "fault" in gate
    ? faultLines(gate.fault, paint)
    : [`${gate.listening ? "gate" : paint("!", "gate")}: ${gateText(gate, now)}`];

/** A gate's state, on one line. */
function gateText({ listening, inputs, refused }: GateState, now: number): string {
  const names = Object.keys(inputs);
  const refusals = Object.entries(refused).filter(([, many]) => many > 0);
  return [
    listening ? "listening" : "waiting for its port: an Owncast without the gate uses it until its stream ends",
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
    silentSeconds < silentForSeconds ? `${Math.round(kbps)} kbit/s` : `no media for ${Math.round(silentSeconds)} s`;
  const since = timeText(now - sinceSeconds * 1000, now);
  return [`key ${printable(key)} publishes from ${oneLine(address)} since ${since}, ${rate}`, ...held];
}

/** A line for the video and one for the sound of each publisher. */
const streamLines = ({ inputs }: GateState): string[] =>
  Object.values(inputs).flatMap(({ publisher }) => {
    const stream = publisher?.stream;
    if (!stream) return [];
    const [video, sound] = [videoText(stream), soundText(stream)];
    return [
      ...(video === undefined ? [] : [`video: ${video}`]),
      ...(sound === undefined ? [] : [`sound: ${sound}; level: ${levelText(stream.levelDbfs)}`]),
    ];
  });

const encoderLines = ({ encoderSpeed }: CameraState): string[] =>
  encoderSpeed === undefined ? [] : [`encoder: ${encoderSpeed.toFixed(2)}× of live`];

function onAirLines(name: string, onAir: OnAir, now: number, paint: Paint): string[] {
  const { title, drift, waiting, untold } = onAir;
  const many = drift.length === 1 ? "1 setting" : `${drift.length} settings`;
  return [
    stateLine(onAir, now, paint),
    title === "" ? "title: none" : `title: ${printable(title)}`,
    drift.length === 0
      ? "drift: none"
      : `${paint("!", "drift")}: ${many}: ${someOf(drift, shownNames)} (\`lectern plan ${name}\` shows what)`,
    ...waiting.map((one) => `${paint("!", "waiting for the next stream")}: ${waitingText(one)}`),
    ...(waiting.length === 0 && onAir.state !== "offline" ? ["waiting for the next stream: no known change"] : []),
    ...(untold.length === 0
      ? []
      : [`not known: whether ${untold.join(", ")} changed since this stream began (Owncast does not tell)`]),
  ];
}

/** Whether the stage is live, since when, and how many viewers it has. */
export function stateLine({ state, since, viewers, mostViewers }: LiveState, now: number, paint: Paint): string {
  const when = since === null ? "" : ` since ${timeText(Date.parse(since), now)}`;
  const watching = `${viewers} ${viewers === 1 ? "viewer" : "viewers"}`;
  if (state === "live") return `${paint("✓", "live")}${when}, ${watching} (at most ${mostViewers})`;
  if (state === "connecting") return `${paint("!", "a camera is connecting")}${when}; viewers see it in a moment`;
  return since === null ? "offline; nobody has published since the server started" : `offline${when}`;
}

function waitingText({ path, running, next }: Waiting): string {
  const { inline, lines = [] } = valueText(running, next);
  const changes = lines.map(({ kind, text }) => (kind === "~" || kind === "same" ? text : `${kind} ${text}`));
  return `${path}: ${inline ?? changes.join("; ")}`;
}

function unitsLine(units: readonly UnitState[] | undefined, paint: Paint): string {
  if (!units) return "units: not known, systemd does not run here";
  const texts = units.map(({ role, unit, active, sub, isWell }) =>
    isWell ? `${role} ${sub || active}` : paint("✗", `${role} ${active} (journalctl -u ${oneLine(unit)})`),
  );
  return `units: ${texts.join(", ")}`;
}

/** A time, and how long ago it was: `2026-11-25 21:38 UTC (12 min)`. Both in ms since the epoch. */
function timeText(at: number, now: number): string {
  const minutes = Math.max(0, Math.floor((now - at) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60)];
  const ago = days > 1 ? `${days} days` : hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC (${ago})`;
}
