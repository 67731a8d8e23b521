import { hostname } from "node:os";
import { join } from "node:path";
import { isTooSlow } from "../media/encoder-speed.ts";
import { tightBelow } from "../media/pace.ts";
import { ownSecretNames } from "../owncast/seed/secrets.ts";
import type { ProbeReport } from "../probe/probe-report.ts";
import { checklistLines, verdictLines } from "../probe/probe-text.ts";
import type { RehearsalReport } from "../rehearse/rehearsal-report.ts";
import { crowdLines } from "./crowd.ts";
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
}

/** The result of the synthetic camera. */
interface Findings {
  readonly speed?: number | undefined;
  readonly report?: ProbeReport;
  readonly crowd?: RehearsalReport | undefined;
}

export function demoSummary(
  { differences, user }: { readonly differences: readonly string[]; readonly user: string },
  { seed, ports, page, caFile, secretsDir, applied }: LocalStage,
  { speed, report, crowd }: Findings = {},
): DemoSummary {
  const [password = "", streamKey = ""] = [ownSecretNames(seed)[0], seed.access.streamKeys[0]?.secret];
  const forwards = [ports.https, ports.rtmp, ports.admin].map((port) => `-L ${port}:localhost:${port}`).join(" ");
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
  };
}

/** The checklist, then the verdict on every rendition, a line each, then what the crowd got. */
export function verdictText({ report, encoderSpeed, differences, crowd }: DemoSummary): string {
  const verdict = report ? [...checklistLines(report), "", ...verdictLines(report)] : [];
  const notes = differences.length > 0 ? ["", ...differenceLines(differences)] : [];
  const watched = crowd ? ["", ...crowdLines(crowd)] : [];
  return `${[...verdict, ...speedLines(encoderSpeed), ...notes, ...watched].join("\n")}\n`;
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
  const { applied, differences, page, ingest, admin, caFile: ca, sshForward, report, crowd } = summary;
  const sections = [
    ["Applied from the stage file", ...applied.map((path) => `  ${path}`)],
    ...(differences.length > 0 ? [differenceLines(differences)] : []),
    ...(report ? [["What a viewer gets", ...verdictLines(report), ...speedLines(summary.encoderSpeed)]] : []),
    ...(crowd ? [["What a crowd gets", ...crowdLines(crowd)]] : []),
    [
      `Watch it: ${page}`,
      "  Your browser will warn: the certificate comes from an authority that Caddy made on this machine, which no",
      "  browser knows. Go on past the warning, or make your browser trust it (Settings, Certificates, Authorities, Import):",
      `  ${ca}`,
      "  No screen on this machine? From your own:",
      `  ${sshForward}`,
    ],
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
