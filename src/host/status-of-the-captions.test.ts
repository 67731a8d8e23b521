import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ExitCode } from "../lib/errors.ts";
import { type CaptionsState, type CaptionTrackState, readCaptionsState } from "./captions-client.ts";
import { type StageStatus, statusExitCode } from "./stage-status.ts";
import { statusText } from "./status-text.ts";

const now = Date.parse("2026-11-25T22:10:00Z");
const track = (language: string, more: Partial<CaptionTrackState> = {}): CaptionTrackState => ({
  ...{ language, name: `name of ${language}`, source: "speech", ready: true, words: 0, lateWords: 0 },
  ...more,
});
const away = (language: string, source: string, fault: string) => track(language, { source, ready: false, fault });
const state = (tracks: CaptionTrackState[], more: Partial<CaptionsState> = {}): CaptionsState => ({
  ...{ onAir: true, trailSegments: 2, tracks, faults: {} },
  ...more,
});
const status = (captions: StageStatus["captions"]): StageStatus => ({
  ...{ name: "main", domain: "live.test", units: undefined, fault: undefined, gate: undefined, captions },
  certificate: { state: "there", until: "2026-12-24T18:00:00.000Z", issuer: "Let's Encrypt" },
  onAir: {
    ...{ state: "offline", since: null, viewers: 0, mostViewers: 0, title: "" },
    ...{ drift: [], waiting: [], untold: [] },
  },
});

interface Case {
  readonly claim: string;
  readonly of: NonNullable<StageStatus["captions"]>;
  readonly says: readonly string[];
  readonly code: ExitCode;
}

it.each<Case>([
  {
    claim: "shows each track on one line, and the trail",
    of: state([
      track("en", { words: 812, lateWords: 3 }),
      track("pt-BR", { source: "translation", words: 9, goesTo: "http://127.0.0.1:5000, on this host" }),
    ]),
    says: [
      "captions: trail 2 segments",
      "  ✓ en     name of en, speech: ready, 812 words, 3 of them late",
      "  ✓ pt-BR  name of pt-BR, translation: ready, 9 words; its text goes to http://127.0.0.1:5000, on this host",
    ],
    code: ExitCode.done,
  },
  {
    claim: "shows who is not there, which is no fault of the host, nor is a translation of what they would say",
    of: state(
      [
        away("fr", "interpreter", "no interpreter is connected"),
        away("de", "push", "no captioner has connected"),
        away("es", "translation", "the track de, which it translates, has no words"),
      ],
      { onAir: false },
    ),
    says: [
      "captions: nobody is on air; trail 2 segments",
      "  ! fr  name of fr, interpreter: players are not offered it: no interpreter is connected",
      "  ! de  name of de, push: players are not offered it: no captioner has connected",
      "  ✗ es  name of es, translation: players are not offered it: the track de, which it translates, has no words",
    ],
    code: ExitCode.done,
  },
  {
    claim: "counts a speech server that is gone as a difference, and escapes terminal control codes",
    of: state([away("en", "speech", "ECONNREFUSED\u001b[2J")], { trailSegments: 6 }),
    says: [
      "captions: trail 6 segments",
      "  ✗ en  name of en, speech: players are not offered it: ECONNREFUSED\\u001b[2J",
    ],
    code: ExitCode.differs,
  },
  {
    claim: "counts a translator that does not work as a difference",
    of: state([track("en"), away("es", "translation", "no answer within 5 s")]),
    says: ["  ✗ es  name of es, translation: players are not offered it: no answer within 5 s"],
    code: ExitCode.differs,
  },
  {
    claim: "shows a fault of the service that lasts",
    of: state([track("en")], { faults: { files: { count: 1, reason: "no space left" }, keeper: { count: 4 } } }),
    says: ["  ✓ en  name of en, speech: ready, 0 words", "  ✗ files: no space left"],
    code: ExitCode.differs,
  },
  {
    claim: "shows a service that does not respond, and counts the stage as unreachable",
    of: { fault: { exitCode: ExitCode.unreachable, message: "the captions service is gone", remedy: "look" } },
    says: ["✗ the captions service is gone", "  → look"],
    code: ExitCode.unreachable,
  },
])("$claim", ({ of, says, code }) => {
  expect(statusText(status(of), now)).toContain(`\n${says.map((line) => `  ${line}\n`).join("")}  units: `);
  expect(statusExitCode([status(of)], now)).toBe(code);
});

it("a stage without captions says nothing of them", () =>
  expect(statusText(status(undefined), now)).not.toContain("captions"));

describe("the captions' state", () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lectern-captions-"));
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    rmSync(folder, { recursive: true });
  });

  /** Its address. */
  async function answering(listener: RequestListener, isAtPort = false): Promise<string> {
    const path = join(folder, "status.sock");
    const started = createServer(listener);
    server = started;
    await new Promise<void>((ready) =>
      isAtPort ? started.listen(0, "127.0.0.1", ready) : started.listen(path, ready),
    );
    return isAtPort ? `127.0.0.1:${(started.address() as AddressInfo).port}` : `unix:${path}`;
  }

  it.each([
    ["socket", false],
    ["port", true],
  ])("is read at the service's %s; fields of a later version are left out", async (_, isAtPort) => {
    const told = state([away("en", "speech", "it is gone")]);
    const answer: RequestListener = ({ url }, response) =>
      void response.writeHead(url === "/status" ? 200 : 404).end(JSON.stringify({ ...told, more: true }));
    expect(await readCaptionsState(await answering(answer, isAtPort), 5)).toEqual(told);
  });

  it("of a service that never answers is given up at the deadline", async () => {
    const address = await answering(() => {});
    await expect(readCaptionsState(address, 0.2)).rejects.toThrow("no response within 0.2 s");
  });

  it.each<[string, RequestListener, string]>([
    ["answers an error", (_, response) => void response.writeHead(500).end(), "status 500"],
    ["answers no JSON", (_, response) => void response.end("<html>"), "is not valid"],
    ["answers something else", (_, response) => void response.end('{"onAir":true}'), "trailSegments"],
    ["floods", (_, response) => void response.end(" ".repeat(100_000)), "more than 65536 bytes"],
  ])("of a service that %s is a fault with a remedy", async (_, listener, says) => {
    const address = await answering(listener);
    await expect(readCaptionsState(address, 20)).rejects.toMatchObject({
      exitCode: ExitCode.unreachable,
      message: expect.stringContaining(says),
      remedy: expect.stringMatching(/journalctl|rebuild/),
    });
  });

  it("of a service that is not there is a fault that names its address", async () =>
    await expect(readCaptionsState(`unix:${folder}/none`, 5)).rejects.toMatchObject({
      message: `the captions service does not respond at unix:${folder}/none: ENOENT`,
    }));
});
