import { hostname } from "node:os";
import { join } from "node:path";
import { isTooSlow } from "../media/encoder-speed.ts";
import { tightBelow } from "../media/pace.ts";
import { ownSecretNames } from "../owncast/seed/secrets.ts";
import type { ProbeReport } from "../probe/probe-report.ts";
import { checklistLines, verdictLines } from "../probe/probe-text.ts";
import type { RehearsalReport } from "../rehearse/rehearsal-report.ts";
import { reportLines } from "../storage/report-text.ts";
import { type CaptionsReport, captionsLines } from "./captions-proof.ts";
import { crowdLines } from "./crowd.ts";
import type { StorageResult } from "./demo-storage.ts";
import type { EdgesReport } from "./edges-proof.ts";
import { type EdgeCommands, edgesLines, moveLines } from "./edges-text.ts";
import type { LocalStage } from "./stage.ts";

/** The demo's results and addresses. `--json` prints it unchanged. */
export interface DemoSummary {
  readonly applied: readonly string[];
  /** The differences between the running stage and the stage file, a sentence each. */
  readonly differences: readonly string[];
  readonly page: string;
  readonly ingest: { readonly server: string; readonly streamKeyFile: string };
  readonly admin: { readonly url: string; readonly user: "admin"; readonly passwordFile: string };
  readonly caFile: string;
  readonly sshForward: string;
  /** Seconds encoded per second, 1.0 is live; null when it was not measured. */
  readonly encoderSpeed: number | null;
  readonly report: ProbeReport | null;
  /** What `--crowd` measured; null without a crowd, or if the stream did not play. */
  readonly crowd: RehearsalReport | null;
  /** What edges and their viewers did, and commands for a person; null without `--edges`, or if the stream did not play. */
  readonly edges: (EdgesReport & { readonly commands: EdgeCommands }) | null;
  /** The demo's object storage; null without `--storage`. */
  readonly storage: StorageResult | null;
  /** What a viewer got of the captions; null without `--captions`, or if the stream did not play. */
  readonly captions: CaptionsReport | null;
}

/** The result of the synthetic camera. */
interface Findings {
  readonly speed?: number | undefined;
  readonly report?: ProbeReport;
  readonly crowd?: RehearsalReport | undefined;
  readonly edges?: DemoSummary["edges"] | undefined;
  readonly storage?: StorageResult | undefined;
  readonly captions?: CaptionsReport | undefined;
  /** The ports of edges and of object storage. */
  readonly morePorts?: readonly number[];
}

export function demoSummary(
  { differences, user }: { readonly differences: readonly string[]; readonly user: string },
  { seed, ports, page, caFile, secretsDir, applied }: LocalStage,
  { speed, report, crowd, edges, storage, captions, morePorts = [] }: Findings = {},
): DemoSummary {
  const [password = "", streamKey = ""] = [ownSecretNames(seed)[0], seed.access.streamKeys[0]?.secret];
  const forwards = [ports.https, ports.rtmp, ports.admin, ...morePorts]
    .map((port) => `-L ${port}:localhost:${port}`)
    .join(" ");
  return {
    applied,
    differences,
    page,
    ingest: { server: `rtmp://localhost:${ports.rtmp}/live`, streamKeyFile: join(secretsDir, streamKey) },
    admin: {
      url: `http://localhost:${ports.admin}/admin/`,
      user: "admin",
      passwordFile: join(secretsDir, password),
    },
    caFile,
    sshForward: `ssh ${forwards} ${user}@${hostname()}`,
    encoderSpeed: speed ?? null,
    report: report ?? null,
    crowd: crowd ?? null,
    edges: edges ?? null,
    storage: storage ?? null,
    captions: captions ?? null,
  };
}

/** The checklist, then the verdict on every rendition, a line each, then what the crowd got. */
export function verdictText({
  report,
  encoderSpeed,
  differences,
  crowd,
  edges,
  storage,
  captions,
}: DemoSummary): string {
  const verdict = report ? [...checklistLines(report), "", ...verdictLines(report)] : [];
  const notes = differences.length > 0 ? ["", ...differenceLines(differences)] : [];
  const watched = crowd ? ["", ...crowdLines(crowd)] : [];
  const elsewhere = [...edgesSections(edges), ...storageSections(storage), ...captionsSections(captions)].flatMap(
    (lines) => ["", ...lines],
  );
  return `${[...verdict, ...speedLines(encoderSpeed), ...notes, ...watched, ...elsewhere].join("\n")}\n`;
}

const edgesSections = (edges: DemoSummary["edges"]): string[][] =>
  edges ? [["What viewers get by the edges", ...edgesLines(edges)]] : [];

const captionsSections = (captions: DemoSummary["captions"]): string[][] =>
  captions ? [["What viewers with captions get", ...captionsLines(captions)]] : [];

function storageSections(storage: DemoSummary["storage"]): string[][] {
  if (!storage) return [];
  const { check, isPlayed } = storage;
  const played = isPlayed
    ? "✓ the list of renditions leads viewers to the bucket"
    : "✗ the list of renditions does not lead viewers to the bucket";
  const lines = [...reportLines(check), ...(isPlayed === null ? [] : [played])];
  return [["Object storage, as Owncast and browsers use it", ...lines.map((line) => `  ${line}`)]];
}

const differenceLines = (differences: readonly string[]): string[] => [
  "Not as the stage file says",
  ...differences.map((difference) => `  ${difference}`),
];

function speedLines(speed: number | null): string[] {
  if (speed === null) return [];
  // Judge the shown, rounded value.
  const shown = speed.toFixed(2);
  const line = `encoder: ${shown}× of live`;
  if (Number(shown) >= tightBelow) return [line];
  return [
    isTooSlow(speed) ? `✗ ${line}: too slow, viewers will see it stall` : `${line}: at this machine's limit`,
    "  → fewer or smaller renditions, or cpuUsage: lowest (three renditions are near the limit of 2 cores)",
  ];
}

/** Everything a person needs to watch it, publish to it, administer it and stop it. */
export function summaryText(summary: DemoSummary): string {
  const {
    applied,
    differences,
    page,
    ingest,
    admin,
    caFile: ca,
    sshForward,
    report,
    crowd,
    edges,
    storage,
    captions,
  } = summary;
  const [firstEdge] = edges?.edges ?? [];
  const sections = [
    ["Applied from the stage file", ...applied.map((path) => `  ${path}`)],
    ...(differences.length > 0 ? [differenceLines(differences)] : []),
    ...(report ? [["What a viewer gets", ...verdictLines(report), ...speedLines(summary.encoderSpeed)]] : []),
    ...(crowd ? [["What a crowd gets", ...crowdLines(crowd)]] : []),
    ...edgesSections(edges),
    ...storageSections(storage),
    ...captionsSections(captions),
    [
      `Watch it: ${page}`,
      "  Your browser will warn: the certificate comes from an authority that Caddy made on this machine, which no",
      "  browser knows. Go on past the warning, or make your browser trust it (Settings, Certificates, Authorities, Import):",
      `  ${ca}`,
      "  No screen on this machine? From your own:",
      `  ${sshForward}`,
    ],
    ...(captions
      ? [["Turn captions on: press CC in the player, or Tab to it, and choose a language. They are off at first."]]
      : []),
    ...(edges ? [[`The same page by each edge: ${edges.edges.map(({ url }) => url).join(" ")}`]] : []),
    ...(edges && firstEdge ? [moveLines(edges.commands, firstEdge.name)] : []),
    [
      "Publish with OBS (Settings, Stream; Service: Custom)",
      `  Server:     ${ingest.server}`,
      `  Stream Key: the line in ${ingest.streamKeyFile}`,
      ...(report ? ["  One camera at a time: start the demo with `npm start -- --no-camera` to use yours."] : []),
    ],
    [
      `Administer: ${admin.url}`,
      `  User ${admin.user}, password in ${admin.passwordFile}. Type this address: neither the page's address nor a link on another site opens it.`,
    ],
    ["Stop: Ctrl-C. Only Caddy's certificate authority stays."],
  ];
  return `\n${sections.map((lines) => lines.join("\n")).join("\n\n")}\n\n`;
}
