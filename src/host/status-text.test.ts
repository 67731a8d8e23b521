import { expect, it } from "vitest";
import { ExitCode } from "../lib/errors.ts";
import { type OnAir, type StageStatus, statusExitCode } from "./stage-status.ts";
import { statusText } from "./status-text.ts";
import { parseUnits } from "./units.ts";

const now = Date.parse("2026-11-25T22:10:00Z");
const offline: OnAir = {
  ...{ state: "offline", since: null, viewers: 0, mostViewers: 0, title: "" },
  ...{ drift: [], waiting: [], untold: [] },
};
const live: OnAir = {
  ...{ state: "live", since: "2026-11-25T20:05:00Z", viewers: 34, mostViewers: 51, title: "Hi \u001b[2J" },
  drift: ["instance.name", "chat.enabled"],
  waiting: [
    { path: "video.latency", running: "low", next: "high" },
    { path: "video.ladder", running: [{ name: "S" }], next: [{ name: "S" }, { name: "M", width: 640 }] },
  ],
  untold: ["access.streamKeys"],
};
const units = { server: "owncast-main.service", config: "lectern-main-config.service" };
const good = { state: "there", until: "2026-12-24T18:00:00.000Z", issuer: "Let's Encrypt" } as const;
const goodLine = "certificate: valid until 2026-12-24 18:00 UTC, from Let's Encrypt";
const status = (onAir: OnAir | undefined, more: Partial<StageStatus> = {}): StageStatus => ({
  ...{
    name: "main",
    domain: "live.test",
    units: undefined,
    certificate: good,
    onAir,
    fault: undefined,
    gate: undefined,
  },
  ...more,
});
const unreachable = { exitCode: ExitCode.unreachable, message: "http://x: refused", remedy: "start it" };
const failed = parseUnits(
  units,
  "Id=owncast-main.service\nLoadState=loaded\nActiveState=active\nSubState=running\n\nId=lectern-main-config.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\n",
);

interface Case {
  readonly claim: string;
  readonly of: StageStatus;
  readonly says: readonly string[];
  readonly code: ExitCode;
}

it.each<Case>([
  {
    claim: "describes a stage that nobody has published to",
    of: status(offline),
    says: [
      "offline; nobody has published since the server started",
      "title: none",
      "drift: none",
      "units: not known, systemd does not run here",
    ],
    code: ExitCode.done,
  },
  {
    claim: "describes a live stage with drift and waiting changes",
    of: status(live),
    says: [
      "live since 2026-11-25 20:05 UTC (2 h 5 min), 34 viewers (at most 51)",
      'title: "Hi \\u001b[2J"',
      "drift: 2 settings: instance.name, chat.enabled (`lectern plan main` shows what)",
      'waiting for the next stream: video.latency: "low" → "high"',
      "waiting for the next stream: video.ladder: + M: width 640",
      "not known: whether access.streamKeys changed since this stream began (Owncast does not tell)",
      "units: not known, systemd does not run here",
    ],
    code: ExitCode.differs,
  },
  {
    claim: "describes a stage whose camera has just connected",
    of: status({ ...offline, state: "connecting", since: "2026-11-25T22:09:55Z" }),
    says: [
      "a camera is connecting since 2026-11-25 22:09 UTC (0 min); viewers see it in a moment",
      "title: none",
      "drift: none",
      "waiting for the next stream: no known change",
      "units: not known, systemd does not run here",
    ],
    code: ExitCode.done,
  },
  {
    claim: "describes a stage that does not answer, and names the failed unit",
    of: status(undefined, { fault: unreachable, units: failed }),
    says: [
      "✗ http://x: refused",
      "  → start it",
      "units: server running, config failed (journalctl -u lectern-main-config.service)",
    ],
    code: ExitCode.unreachable,
  },
  {
    claim: "describes a stage with a failed unit, and exits with a fault",
    of: status(offline, { units: failed }),
    says: [
      "offline; nobody has published since the server started",
      "title: none",
      "drift: none",
      "units: server running, config failed (journalctl -u lectern-main-config.service)",
    ],
    code: ExitCode.differs,
  },
])("$claim", ({ of, says, code }) => {
  const lines = [...says, goodLine].map((line) => `  ${line}\n`);
  expect(statusText(of, now)).toBe(`main  https://live.test\n${lines.join("")}`);
  expect(statusExitCode([of], now)).toBe(code);
});

it("marks the line of an expired certificate, and exits with a fault", () => {
  const over = { ...good, until: "2026-11-24T18:00:00.000Z" };
  const marked = (certificate: StageStatus["certificate"]) =>
    statusText(status(offline, { certificate }), now, (ink, text) =>
      text === "certificate" ? `<${ink}>${text}` : text,
    );
  expect(marked(over)).toContain("  <✗>certificate: expired since 2026-11-24 18:00 UTC");
  expect(marked(good)).toContain(`  ${goodLine}`);
  expect(statusExitCode([status(offline, { certificate: over })], now)).toBe(ExitCode.differs);
});

it("exits as for an unreachable stage if there is one, else as for a stage that differs", () => {
  expect(statusExitCode([status(offline), status(live)], now)).toBe(ExitCode.differs);
  expect(statusExitCode([status(live), status(undefined, { fault: unreachable })], now)).toBe(ExitCode.unreachable);
});

it("counts a stopped gate as a fault", () => {
  const text = (active: string) =>
    `Id=lectern-main-gate.service\nLoadState=loaded\nActiveState=${active}\nSubState=x\n`;
  const isWell = (active: string) => parseUnits({ gate: "lectern-main-gate.service" }, text(active))[0]?.isWell;
  expect([isWell("active"), isWell("inactive")]).toEqual([true, false]);
});

it("counts a unit that is not installed and a stopped server as faults", () => {
  const [server, config] = parseUnits(
    units,
    "Id=owncast-main.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead\n\nId=lectern-main-config.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n",
  );
  expect([server?.isWell, server?.active, config?.isWell, config?.active]).toEqual([
    false,
    "inactive",
    false,
    "not installed",
  ]);
});
