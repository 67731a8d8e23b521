import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptFolder } from "../../../checks/lib/keeper/kept-folder.ts";
import type { FaultKind } from "./keeper-faults.ts";
import { metricsText } from "./keeper-server.ts";
import { PlaylistKeeper } from "./playlist-keeper.ts";

let folder: KeptFolder;
beforeEach(() => {
  folder = new KeptFolder();
});
afterEach(() => folder.remove());

const fault = (keeper: PlaylistKeeper, kind: FaultKind) => keeper.counts().faults.get(kind);
const inKept = (name: string): string => join(folder.keptDir, name);

/** Looks at a folder whose contents differ from the model of Owncast. */
function lookAgain(keeper: PlaylistKeeper): void {
  for (let look = 0; look < 3; look++) {
    folder.nowMs += 100;
    keeper.look(folder.nowMs);
  }
}

/** The events in their order: the fault, and its end. */
const saidOf = (...parts: string[]) => parts.map((part) => expect.stringContaining(part));

describe("a state that cannot be written", () => {
  it("is reported once at the beginning and once at the end of the fault, and players never notice", () => {
    const keeper = folder.keeper();
    folder.goLive(keeper);
    rmSync(inKept("state.json"));
    mkdirSync(inKept("state.json/in-the-way"), { recursive: true });
    for (let index = 3; index < 6; index++) {
      folder.owncast.segment();
      folder.see(keeper, 2000);
      expect(keeper.playlist("0")).toContain(`stream-s1-x-${index}.ts`);
    }
    expect(folder.said).toEqual(saidOf("the keeper cannot write its state: E"));
    expect(fault(keeper, "state")).toMatchObject({ lasts: true });
    expect(metricsText(keeper, new Map())).toMatch(/^lectern_keeper_faulty\{kind="state"\} 1$/m);
    rmSync(inKept("state.json"), { recursive: true });
    folder.see(keeper);
    // The keeper writes its state at once, although the state has not changed since the fault.
    expect(folder.keeper().playlist("0")).toBe(keeper.playlist("0"));
    folder.see(keeper, 20_000);
    expect(folder.said).toEqual(saidOf("cannot write its state", "the keeper writes its state again"));
    expect(metricsText(keeper, new Map())).toMatch(/^lectern_keeper_faulty\{kind="state"\} 0$/m);
    expect(metricsText(keeper, new Map())).toMatch(/^lectern_keeper_faults_total\{kind="state"\} [1-9]/m);
  });

  it("because its folder cannot be made does not stop playlists", () => {
    writeFileSync(join(folder.root, "kept"), "a file");
    const keeper = folder.keeper();
    folder.goLive(keeper);
    expect(keeper.playlist("0")).toContain("stream-s1-x-2.ts");
    expect(folder.said).toEqual(saidOf("cannot write its state", "ENOTDIR", "cannot keep segments"));
  });
});

describe("segments that cannot be kept", () => {
  it("are listed while Owncast has them, and are kept once that is possible again", () => {
    const keeper = folder.keeper();
    writeFileSync(inKept("0"), "in the way");
    folder.goLive(keeper);
    expect(keeper.playlist("0")).toContain("stream-s1-x-2.ts");
    expect(folder.said).toEqual(saidOf("the keeper cannot keep segments: E"));
    rmSync(inKept("0"));
    folder.see(keeper);
    expect(keeper.keptBytes).toBeGreaterThan(0);
    folder.see(keeper, 20_000);
    expect(folder.said).toEqual(saidOf("cannot keep segments", "keeps segments again"));
  });

  it("and are gone do not hide a publisher that is back from players", () => {
    const keeper = folder.keeper();
    writeFileSync(inKept("0"), "in the way");
    folder.goLive(keeper);
    folder.owncast.drop();
    folder.see(keeper);
    folder.goLive(keeper, { segments: 1 });
    expect(keeper.playlist("0")).toContain("stream-s2-x-0.ts");
    expect(keeper.playlist("0")).not.toContain("ENDLIST");
  });

  it("and cannot be removed are removed at a later attempt", () => {
    const keeper = folder.keeper();
    mkdirSync(inKept("0/stream-s0-x-0.ts"), { recursive: true });
    const next = folder.keeper();
    folder.goLive(next);
    for (let minute = 0; minute < 3; minute++) folder.see(next, 60_000);
    expect(folder.said).toEqual(saidOf("cannot remove old segments"));
    expect(keeper.counts().drops).toBe(0);
  });
});

describe("in place of a playlist", () => {
  it.each([
    ["a folder", (file: string) => mkdirSync(file)],
    ["a pipe", (file: string) => execFileSync("mkfifo", [file])],
    ["a huge file", (file: string) => writeFileSync(file, "#".repeat(1_000_000))],
  ])("%s counts as an incomplete playlist, and afterwards everything goes on", (_, make) => {
    const keeper = folder.keeper();
    folder.goLive(keeper);
    const before = keeper.playlist("0");
    for (const name of ["0/stream.m3u8", "stream.m3u8"]) {
      rmSync(join(folder.hlsDir, name));
      make(join(folder.hlsDir, name));
      lookAgain(keeper);
      expect(keeper.playlist("0")).toBe(before);
    }
    expect(folder.said).toEqual(saidOf("the keeper cannot read Owncast's playlists: "));
    folder.owncast.segment();
    folder.see(keeper);
    expect(keeper.playlist("0")).toContain("stream-s1-x-3.ts");
    folder.see(keeper, 20_000);
    expect(folder.said).toEqual(saidOf("cannot read", "reads Owncast's playlists again"));
  });

  it("and in place of its folder, a file counts as an incomplete playlist too", () => {
    const keeper = folder.keeper();
    folder.goLive(keeper);
    const before = keeper.playlist("0");
    rmSync(join(folder.hlsDir, "0"), { recursive: true });
    writeFileSync(join(folder.hlsDir, "0"), "");
    lookAgain(keeper);
    expect(keeper.playlist("0")).toBe(before);
  });
});

it("any other fault is reported once; if it lasts, the keeper sends no playlist and Caddy asks Owncast; afterwards everything goes on", () => {
  let isBroken = false;
  const options = {
    hlsDir: folder.hlsDir,
    keptDir: folder.keptDir,
    get graceMs(): number {
      if (isBroken) throw new Error("out of the blue");
      return 30_000;
    },
    say: (line: string) => void folder.said.push(line),
  };
  const keeper = new PlaylistKeeper(options, folder.nowMs);
  folder.goLive(keeper);
  isBroken = true;
  folder.see(keeper);
  expect(keeper.playlist("0")).toContain("stream-s1-x-2.ts");
  folder.see(keeper, 22_000);
  expect(keeper.playlist("0")).toBeUndefined();
  isBroken = false;
  folder.owncast.segment();
  folder.see(keeper);
  expect(keeper.playlist("0")).toContain("stream-s1-x-3.ts");
  folder.see(keeper, 20_000);
  expect(folder.said).toEqual(saidOf("out of the blue", "looks at Owncast's folder again"));
});
