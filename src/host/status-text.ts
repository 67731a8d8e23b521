import { oneLine, printable } from "../../codegen/load/printable.ts";
import { someOf, valueText } from "../owncast/apply/value-text.ts";
import type { CameraState } from "./camera-health.ts";
import { cameraLines, levelText, soundText, videoText } from "./camera-text.ts";
import { certificateText, isCertificateWell } from "./certificate-text.ts";
import type { GateState } from "./gate-client.ts";
import { gateText } from "./gate-text.ts";
import type { Waiting } from "./running-stream.ts";
import type { OnAir, StageStatus, StatusFault } from "./stage-status.ts";
import { timeText } from "./time-text.ts";
import type { UnitState } from "./units.ts";

/** Gives a piece of text a colour, or none. */
export type StatusPaint = (ink: string, text: string) => string;

const shownNames = 8;

/** A stage's state for people, a line for each thing. `now` in ms since the epoch. */
export function statusText(
  { name, domain, units, certificate, onAir, fault, gate, camera }: StageStatus,
  now: number,
  paint: StatusPaint = (_, text) => text,
): string {
  const lines = [
    ...(onAir ? onAirLines(name, onAir, now, paint) : []),
    ...(fault ? faultLines(fault, paint) : []),
    ...(gate ? gateLines(gate, now, paint) : []),
    ...(gate && "inputs" in gate ? streamLines(gate) : []),
    ...(camera ? encoderLines(camera) : []),
    ...(camera ? cameraLines(camera, paint) : []),
    unitsLine(units, paint),
    `${isCertificateWell(certificate, now) ? "certificate" : paint("✗", "certificate")}: ${certificateText(certificate, now)}`,
  ];
  return `${paint("area", name)}  https://${domain}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

const faultLines = ({ message, remedy }: StatusFault, paint: StatusPaint): string[] => [
  `${paint("✗", "✗")} ${message.replaceAll("\n", "\n    ")}`,
  ...(remedy ? [`  → ${remedy}`] : []),
];

const gateLines = (gate: NonNullable<StageStatus["gate"]>, now: number, paint: StatusPaint): string[] =>
  "fault" in gate
    ? faultLines(gate.fault, paint)
    : [`${gate.listening ? "gate" : paint("!", "gate")}: ${gateText(gate, now)}`];

/** What each publisher sends. */
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

function onAirLines(name: string, onAir: OnAir, now: number, paint: StatusPaint): string[] {
  const { title, drift, waiting, untold } = onAir;
  const many = drift.length === 1 ? "1 setting" : `${drift.length} settings`;
  return [
    stateLine(onAir, now, paint),
    title === "" ? "title: none" : `title: ${printable(title)}`,
    drift.length === 0
      ? "drift: none"
      : `${paint("!", "drift")}: ${many}: ${someOf(drift, shownNames)} (\`lectern plan ${name}\` shows what)`,
    ...waiting.map((one) => `${paint("!", "waiting for the next stream")}: ${waitingText(one)}`),
    ...(waiting.length === 0 && onAir.state !== "offline"
      ? ["waiting for the next stream: nothing that is known"]
      : []),
    ...(untold.length === 0
      ? []
      : [`not known: whether ${untold.join(", ")} changed since this stream began (Owncast does not tell)`]),
  ];
}

/** Whether the stage is live, since when and for how many. */
export function stateLine(
  { state, since, viewers, mostViewers }: Pick<OnAir, "state" | "since" | "viewers" | "mostViewers">,
  now: number,
  paint: StatusPaint,
): string {
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

function unitsLine(units: readonly UnitState[] | undefined, paint: StatusPaint): string {
  if (!units) return "units: not known, systemd does not run here";
  const texts = units.map(({ role, unit, active, sub, isWell }) =>
    isWell ? `${role} ${sub || active}` : paint("✗", `${role} ${active} (journalctl -u ${oneLine(unit)})`),
  );
  return `units: ${texts.join(", ")}`;
}
