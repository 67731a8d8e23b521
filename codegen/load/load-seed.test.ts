import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadFile, loadSeed } from "./load-seed.ts";
import { ConfigError } from "./problem.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-load-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file and returns what loading it complains about, the folder's name cut off. */
async function faultsOf(text: string | Uint8Array, name = "main.yaml"): Promise<string[]> {
  const file = join(folder, name);
  writeFileSync(file, text);
  const error = await loadFile(file).catch((caught: unknown) => caught);
  if (!(error instanceof ConfigError)) return [];
  return error.message.split("\n").map((line) => line.replace(`${folder}/`, ""));
}

interface Case {
  readonly claim: string;
  readonly text: string | Uint8Array;
  readonly faults: readonly string[];
}

const rendition = "name: SD, width: 854, height: 480, framerate: 30, bitrateKbps: 1000";

describe("a bad stage file", () => {
  it.each<Case>([
    {
      claim: "names an unknown key where it stands, and the one that was meant",
      text: "instance:\n  nmae: x\n",
      faults: ["main.yaml:2:3: instance.nmae: no such setting; did you mean name?"],
    },
    {
      claim: "names a word outside its list, and the one that was meant",
      text: "video:\n  latency: lo\n",
      faults: [
        'main.yaml:2:12: video.latency: expected one of lowest, low, medium, high, highest, got "lo"; did you mean low?',
      ],
    },
    {
      claim: "names every fault at once, in the order of the file",
      text: `chat:\n  enabled: yes\ninstance:\n  tags: [ok, "#no", 5]\nvideo:\n  ladder:\n    - {${rendition}, foo: 1}\n`,
      faults: [
        'main.yaml:2:12: chat.enabled: expected true or false, got "yes"',
        'main.yaml:4:14: instance.tags[1]: expected a tag without # in front, commas, < or >, got "#no"',
        "main.yaml:4:21: instance.tags[2]: expected a text, got 5",
        "main.yaml:7:77: video.ladder[0].foo: no such setting; known here: name, passthrough, width, height, framerate, bitrateKbps, audioBitrateKbps, cpuUsage",
      ],
    },
    {
      claim: "gives a missing key the place of what lacks it",
      text: "video:\n  ladder:\n    - {name: SD, width: 854, height: 480, framerate: 30}\n",
      faults: ["main.yaml:3:7: video.ladder[0]: expected bitrateKbps too (or passthrough: true)"],
    },
    {
      claim: "refuses an odd size and a bitrate that the encoder does not survive",
      text: "video:\n  ladder:\n    - {name: SD, width: 853, height: 480, framerate: 30, bitrateKbps: 150}\n",
      faults: [
        "main.yaml:3:25: video.ladder[0].width: expected an even number, got 853",
        "main.yaml:3:71: video.ladder[0].bitrateKbps: expected at least 400, got 150",
      ],
    },
    {
      claim: "knows the presets by name",
      text: "video:\n  ladder: lectures\n",
      faults: [
        'main.yaml:2:11: video.ladder: expected one of lecture, lecture-high, got "lectures"; did you mean lecture?',
      ],
    },
    {
      claim: "refuses markup in a name",
      text: 'instance:\n  name: "<b>x</b>"\n',
      faults: ['main.yaml:2:9: instance.name: expected a name without < and >, got "<b>x</b>"'],
    },
    {
      claim: "refuses a secret's value where its name belongs",
      text: "access:\n  streamKeys:\n    - secret: Abc!23\n",
      faults: [
        'main.yaml:3:15: access.streamKeys[0].secret: expected a secret\'s name: lower-case letters, digits and dashes, got "Abc!23"',
      ],
    },
    {
      claim: "refuses a list at the top",
      text: "- a\n",
      faults: ["main.yaml:1:1: expected a mapping of settings, got a list"],
    },
    {
      claim: "refuses a text at the top",
      text: "hello\n",
      faults: ['main.yaml:1:1: expected a mapping of settings, got "hello"'],
    },
    {
      claim: "refuses an empty file",
      text: "",
      faults: ["main.yaml:1:1: expected a mapping of settings, got nothing"],
    },
    {
      claim: "refuses the same key twice",
      text: "chat:\n  enabled: true\n  enabled: false\n",
      faults: ["main.yaml:3:3: this key stands here twice; keep one"],
    },
    {
      claim: "refuses a second document",
      text: "chat: {}\n---\nchat: {}\n",
      faults: ["main.yaml:2:1: a second document starts here; a stage file is one document, remove the `---`"],
    },
    {
      claim: "refuses __proto__ like any unknown key",
      text: "__proto__: {}\n",
      faults: [
        "main.yaml:1:1: __proto__: no such setting; known here: instance, video, chat, appearance, federation, notifications, storage, access",
      ],
    },
    {
      claim: "refuses a NUL byte",
      text: "chat: \0",
      faults: ["main.yaml:1:1: the file holds a NUL byte; is it a text file?"],
    },
    {
      claim: "refuses what is not UTF-8",
      text: new Uint8Array([0x63, 0x3a, 0x20, 0xff, 0xfe]),
      faults: ["main.yaml:1:1: the file is not UTF-8; save it as UTF-8"],
    },
  ])("$claim", async ({ text, faults }) => {
    expect(await faultsOf(text)).toEqual(faults);
  });

  it("refuses anchors, aliases, tags and merge keys", async () => {
    const faults = await faultsOf("instance: &a\n  name: !x y\nchat:\n  <<: *a\nvideo: *a\n");
    for (const word of ["anchors (`&a`)", "tags (`!x`)", "merge keys (`<<`)", "aliases (`*name`)"])
      expect(faults.join("\n")).toContain(word);
  });

  it("says that a tab indents nothing", async () => {
    expect((await faultsOf("chat:\n\tenabled: true\n"))[0]).toMatch(/^main\.yaml:2:1: .*tab/i);
  });

  it("refuses 20,000 levels of nesting and 5 MB without a stack trace", async () => {
    expect((await faultsOf("[".repeat(20_000)))[0]).toMatch(/^main\.yaml:\d+:\d+: /);
    expect((await faultsOf("a".repeat(5_000_000)))[0]).toContain("at most 1000000 are read");
  });

  it("says which name a file must have, and that there is none", async () => {
    expect(await faultsOf("{}", "main.toml")).toEqual([
      "main.toml:1:1: expected a stage file (.yaml) or a seed (.json), by its name",
    ]);
    await expect(loadFile(join(folder, "nowhere.yaml"))).rejects.toThrow("nowhere.yaml:1:1: no such file");
  });
});

describe("a good stage file", () => {
  it("becomes a seed: presets spelt out, access by name, nothing else added", async () => {
    const file = join(folder, "good.yaml");
    writeFileSync(file, "video:\n  ladder: lecture\n");
    const seed = await loadSeed(file);
    expect(seed.video?.ladder?.map(({ name, bitrateKbps }) => [name, bitrateKbps])).toEqual([
      ["SD", 1000],
      ["HD", 1600],
      ["FHD", 3200],
    ]);
    expect(seed.access).toEqual({
      adminPassword: { secret: "admin-password" },
      streamKeys: [{ secret: "stream-key" }],
    });
    expect(Object.keys(seed).sort()).toEqual(["access", "video"]);
  });

  it("counts an emoji as one character", async () => {
    expect(await faultsOf(`instance:\n  name: ${"🎥".repeat(80)}\n`)).toEqual([]);
    expect((await faultsOf(`instance:\n  name: ${"🎥".repeat(81)}\n`))[0]).toContain(
      "expected 1 to 80 characters, got 81",
    );
  });

  it("read as a seed, is refused for what only a stage file may leave out", async () => {
    expect(await faultsOf('{"video": {"ladder": "lecture"}}', "main.json")).toEqual([
      "main.json:1:1: access: missing; expected a mapping of settings",
      'main.json:1:22: video.ladder: expected a list, got "lecture"',
    ]);
  });
});
