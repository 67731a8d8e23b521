// A long table: each row is a bad stage file, with the exact text of all its messages.
import { describe, expect, it } from "vitest";
import { faultsOf } from "../../checks/lib/schema/load-faults.ts";

interface Case {
  readonly claim: string;
  readonly text: string | Uint8Array;
  readonly faults: readonly string[];
}

const refuses = async ({ text, faults }: Case): Promise<void> => expect(await faultsOf(text)).toEqual(faults);

describe("the check of a stage file's names and words", () => {
  it.each<Case>([
    {
      claim: "names an unknown key with its place, and the most similar known key",
      text: "instance:\n  nmae: x\n",
      faults: ["main.yaml:2:3: instance.nmae: no such setting; did you mean name?"],
    },
    {
      claim: "lists the known keys if none is similar",
      text: "access:\n  streamKeys:\n    - secret: stream-key\n      label: moderator\n",
      faults: ["main.yaml:4:7: access.streamKeys[0].label: no such setting; known here: secret, comment"],
    },
    {
      claim: "recognises a key in the wrong case",
      text: "Instance:\n  Name: x\n",
      faults: ["main.yaml:1:1: Instance: no such setting; did you mean instance?"],
    },
    {
      claim: "recognises Owncast's numbers for its levels",
      text: "video:\n  latency: 2\n  codec: 0\n",
      faults: [
        "main.yaml:2:12: video.latency: expected one of lowest, low, medium, high, highest, got 2; Owncast's 2 is medium",
        "main.yaml:3:10: video.codec: expected one of libx264, h264_vaapi, h264_nvenc, h264_qsv, h264_omx, h264_v4l2m2m, got 0",
      ],
    },
    {
      claim: "names an unknown word, and the most similar known word",
      text: "video:\n  latency: lo\n",
      faults: [
        'main.yaml:2:12: video.latency: expected one of lowest, low, medium, high, highest, got "lo"; did you mean low?',
      ],
    },
    {
      claim: "lists the presets by name",
      text: "video:\n  ladder: lectures\n",
      faults: [
        'main.yaml:2:11: video.ladder: expected one of lecture, lecture-high, got "lectures"; did you mean lecture?',
      ],
    },
    {
      claim: "reports faults in an adjusted preset as faults of that preset",
      text: "video:\n  ladder: { preset: lectur, witout: [SD], without: [SDD], framerate: 5 }\n",
      faults: [
        'main.yaml:2:21: video.ladder.preset: expected one of lecture, lecture-high, got "lectur"; did you mean lecture?',
        "main.yaml:2:29: video.ladder.witout: no such setting; did you mean without?",
        'main.yaml:2:53: video.ladder.without[0]: expected one of SD, HD, FHD, got "SDD"; did you mean SD?',
        "main.yaml:2:70: video.ladder.framerate: expected at least 10, got 5",
      ],
    },
    {
      claim: "names an adjusted preset's missing key",
      text: "video:\n  ladder: {}\n",
      faults: ["main.yaml:2:11: video.ladder.preset: missing; expected one of lecture, lecture-high"],
    },
    {
      claim: "refuses the same key twice, in every style",
      text: "chat:\n  enabled: true\n  enabled: false\nvideo: { latency: low, latency: low }\n",
      faults: [
        "main.yaml:3:3: chat.enabled: this name occurs twice here; keep one",
        "main.yaml:4:24: video.latency: this name occurs twice here; keep one",
      ],
    },
    {
      claim: "refuses __proto__ both as a fixed and as a free name",
      text: "__proto__: {}\nappearance:\n  variables:\n    __proto__: red\n",
      faults: [
        "main.yaml:1:1: __proto__: no setting can have this name",
        "main.yaml:4:5: appearance.variables.__proto__: no setting can have this name",
      ],
    },
    {
      claim: "refuses names that every object inherits",
      text: "access:\n  streamKeys:\n    - secret: stream-key\n      constructor: x\n      toString: x\n",
      faults: [
        "main.yaml:4:7: access.streamKeys[0].constructor: no such setting; known here: secret, comment",
        "main.yaml:5:7: access.streamKeys[0].toString: no such setting; known here: secret, comment",
      ],
    },
    {
      claim: "refuses keys that are not texts",
      text: "1: x\ntrue: x\nnull: x\nchat:\n  ? [a]\n  : x\n  ? { b: c }\n  : x\n",
      faults: [
        "main.yaml:1:1: a setting's name must be a text, got 1",
        "main.yaml:2:1: a setting's name must be a text, got true",
        "main.yaml:3:1: a setting's name must be a text, got nothing",
        "main.yaml:5:5: chat: a setting's name must be a text, got a list",
        "main.yaml:7:5: chat: a setting's name must be a text, got a mapping",
      ],
    },
    {
      claim: "quotes a key that is invisible or contains a line break",
      text: '"ch\\nat":\n  enabled: true\n\ufeffvideo: {}\n',
      faults: [
        'main.yaml:1:1: "ch\\nat": no such setting; did you mean chat?',
        'main.yaml:3:1: "\\ufeffvideo": no such setting; did you mean video?',
      ],
    },
    {
      claim: "cuts a long key in the path",
      text: `access:\n  streamKeys:\n    - secret: stream-key\n      ${"x".repeat(200)}: x\n`,
      faults: [
        `main.yaml:4:7: access.streamKeys[0]."${"x".repeat(60)}…": no such setting; known here: secret, comment`,
      ],
    },
  ])("$claim", refuses);
});
describe("the check of a stage file's values", () => {
  it.each<Case>([
    {
      claim: "names the expected type",
      text: "instance: hello\nchat:\n  - enabled: true\nvideo:\n  ladder: 5\n",
      faults: [
        'main.yaml:1:11: instance: expected a mapping of settings, got "hello"',
        "main.yaml:3:3: chat: expected a mapping of settings, got a list",
        "main.yaml:5:11: video.ladder: expected one of lecture, lecture-high, or a mapping of settings, or a list, got 5",
      ],
    },
    {
      claim: "refuses a number or boolean in place of a text, and says how to write a text",
      text: "instance:\n  name: 2024\n  tags: [1.50, true, null]\n",
      faults: [
        "main.yaml:2:9: instance.name: expected a text, got 2024; put it in quotes",
        "main.yaml:3:10: instance.tags[0]: expected a text, got 1.5; put it in quotes",
        "main.yaml:3:16: instance.tags[1]: expected a text, got true; put it in quotes",
        "main.yaml:3:22: instance.tags[2]: expected a text, got nothing; put it in quotes if it is the text",
      ],
    },
    {
      claim: "refuses a text in place of a number",
      text: 'video:\n  ladder:\n    - {name: SD, width: "854", height: 48O, framerate: 1_0, bitrateKbps: 1000}\n',
      faults: [
        'main.yaml:3:25: video.ladder[0].width: expected a number, got "854"; remove the quotes',
        'main.yaml:3:40: video.ladder[0].height: expected a number, got "48O"',
        'main.yaml:3:56: video.ladder[0].framerate: expected a number, got "1_0"',
      ],
    },
    {
      claim: "refuses a fraction in place of a whole number",
      text: "video:\n  ladder:\n    - {name: SD, width: 854.5, height: 480, framerate: 29.97, bitrateKbps: 1000}\n",
      faults: [
        "main.yaml:3:25: video.ladder[0].width: expected a whole number, got 854.5",
        "main.yaml:3:56: video.ladder[0].framerate: expected a whole number, got 29.97",
      ],
    },
    {
      claim: "refuses invalid numbers, and numbers beyond all bounds",
      text: "video:\n  ladder:\n    - {name: SD, width: .nan, height: .inf, framerate: 30, bitrateKbps: 99999999999999999999}\n",
      faults: [
        "main.yaml:3:25: video.ladder[0].width: expected a number, got NaN",
        "main.yaml:3:39: video.ladder[0].height: expected a number, got Infinity",
        "main.yaml:3:73: video.ladder[0].bitrateKbps: expected at most 20000, got 100000000000000000000",
      ],
    },
    {
      claim: "reads yes, on and n as texts, and suggests true or false",
      text: 'chat:\n  enabled: yes\n  slurFilter: on\n  joinMessages: n\n  spamProtection: "true"\n',
      faults: [
        'main.yaml:2:12: chat.enabled: expected true or false, got "yes"; did you mean true?',
        'main.yaml:3:15: chat.slurFilter: expected true or false, got "on"; did you mean true?',
        'main.yaml:4:17: chat.joinMessages: expected true or false, got "n"; did you mean false?',
        'main.yaml:5:19: chat.spamProtection: expected true or false, got "true"; remove the quotes',
      ],
    },
    {
      claim: "reports a missing value as nothing",
      text: "instance:\n  name:\n  tags: ~\n  socialHandles:\n    -\nchat:\nvideo: { latency }\n",
      faults: [
        "main.yaml:2:8: instance.name: expected a text, got nothing",
        "main.yaml:3:9: instance.tags: expected a list, got nothing",
        "main.yaml:5:6: instance.socialHandles[0]: expected a mapping of settings, got nothing",
        "main.yaml:6:6: chat: expected a mapping of settings, got nothing",
        "main.yaml:7:10: video.latency: expected one of lowest, low, medium, high, highest, got nothing",
      ],
    },
    {
      claim: "refuses an odd size, and a bitrate that crashes the encoder",
      text: "video:\n  ladder:\n    - {name: SD, width: 853, height: 480, framerate: 30, bitrateKbps: 150}\n",
      faults: [
        "main.yaml:3:25: video.ladder[0].width: expected an even number, got 853",
        "main.yaml:3:71: video.ladder[0].bitrateKbps: expected at least 400, got 150",
      ],
    },
    {
      claim: "limits the number of a list's entries",
      text: "video:\n  ladder: []\nchat:\n  forbiddenNames: []\naccess:\n  streamKeys: []\n",
      faults: [
        "main.yaml:2:11: video.ladder: expected at least 1 entry, got 0",
        "main.yaml:4:19: chat.forbiddenNames: expected at least 1 entry, got 0",
        "main.yaml:6:15: access.streamKeys: expected at least 1 entry, got 0",
      ],
    },
    {
      claim: "refuses a ladder of nine",
      text: "video:\n  ladder:\n    - {name: r0, passthrough: true}\n    - {name: r1, passthrough: true}\n    - {name: r2, passthrough: true}\n    - {name: r3, passthrough: true}\n    - {name: r4, passthrough: true}\n    - {name: r5, passthrough: true}\n    - {name: r6, passthrough: true}\n    - {name: r7, passthrough: true}\n    - {name: r8, passthrough: true}\n",
      faults: ["main.yaml:3:5: video.ladder: expected at most 8 entries, got 9"],
    },
    {
      claim: "limits the number of a text's characters, and counts an emoji as one",
      text: 'instance:\n  name: 🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥\n  tags: [""]\n',
      faults: [
        "main.yaml:2:9: instance.name: expected 1 to 80 characters, got 81",
        "main.yaml:3:10: instance.tags[0]: expected 1 to 50 characters, got 0",
      ],
    },
    {
      claim: "cuts a long value between two characters",
      text: "video:\n  latency: 🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥\n",
      faults: [
        'main.yaml:2:12: video.latency: expected one of lowest, low, medium, high, highest, got "🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥🎥…"',
      ],
    },
    {
      claim: "refuses markup in a name, and characters that a tag cannot hold",
      text: 'instance:\n  name: "<b>x</b>"\n  tags: [ok, "#no", "a,b"]\n',
      faults: [
        'main.yaml:2:9: instance.name: expected a name without < and >, got "<b>x</b>"',
        'main.yaml:3:14: instance.tags[1]: expected a tag without # in front, commas, < or >, got "#no"',
        'main.yaml:3:21: instance.tags[2]: expected a tag without # in front, commas, < or >, got "a,b"',
      ],
    },
    {
      claim: "refuses spaces that Owncast would cut off",
      text: 'chat:\n  welcomeMessage: " hi "\n',
      faults: ['main.yaml:2:19: chat.welcomeMessage: expected no spaces or empty lines around it, got " hi "'],
    },
    {
      claim: "says how to end a text after | or > without a line break, if that is its only fault",
      text: "instance:\n  name: >\n    Lecture\n  offlineMessage: |\n    Wir senden\n    dienstags.\nchat:\n  welcomeMessage: |+\n\n    Hi\n\n",
      faults: [
        'main.yaml:2:9: instance.name: expected a single line without control characters, got "Lecture\\n"; write `>-` for a text that ends without a line break',
        'main.yaml:4:19: instance.offlineMessage: expected no spaces or empty lines around it, got "Wir senden\\ndienstags.\\n"; write `|-` for a text that ends without a line break',
        'main.yaml:8:19: chat.welcomeMessage: expected no spaces or empty lines around it, got "\\nHi\\n\\n"',
      ],
    },
    {
      claim: "says that # starts a comment if it hides a value, and not if a comment was intended",
      text: "instance:\n  name: #1\n  summary: # later\n  tags:\n    - #nix\n    -   # none\nappearance:\n  variables:\n    theme-color-action:   #5277c3\n",
      faults: [
        "main.yaml:2:9: instance.name: expected a text, got nothing; `#` starts a comment: put the value in quotes",
        "main.yaml:3:12: instance.summary: expected a text, got nothing",
        "main.yaml:5:7: instance.tags[0]: expected a text, got nothing; `#` starts a comment: put the value in quotes",
        "main.yaml:6:9: instance.tags[1]: expected a text, got nothing",
        "main.yaml:9:27: appearance.variables.theme-color-action: expected a text, got nothing; `#` starts a comment: put the value in quotes",
      ],
    },
    {
      claim: "says how to write the text null",
      text: "instance:\n  name: null\n  summary: ~\n  nsfw: null\n",
      faults: [
        "main.yaml:2:9: instance.name: expected a text, got nothing; put it in quotes if it is the text",
        "main.yaml:3:12: instance.summary: expected a text, got nothing; put it in quotes if it is the text",
        "main.yaml:4:9: instance.nsfw: expected true or false, got nothing",
      ],
    },
    {
      claim: "says how a list and a number are written",
      text: "instance:\n  tags: nix, nixos\nvideo:\n  ladder:\n    - name: HD\n      width: 1280px\n      framerate: 30 fps\n      bitrateKbps: 3,200\n      audioBitrateKbps: 128k\n      height: 7e2x\n",
      faults: [
        'main.yaml:2:9: instance.tags: expected a list, got "nix, nixos"; a list is written [one, another], or with `- ` before each entry',
        'main.yaml:6:14: video.ladder[0].width: expected a number, got "1280px"; did you mean 1280?',
        'main.yaml:7:18: video.ladder[0].framerate: expected a number, got "30 fps"; did you mean 30?',
        'main.yaml:8:20: video.ladder[0].bitrateKbps: expected a number, got "3,200"; did you mean 3200?',
        'main.yaml:9:25: video.ladder[0].audioBitrateKbps: expected a number, got "128k"; did you mean 128?',
        'main.yaml:10:15: video.ladder[0].height: expected a number, got "7e2x"',
      ],
    },
    {
      claim: "reports one fault of a text once, with the most useful message",
      text: `instance:\n  tags: ["# \\t"]\nchat:\n  forbiddenNames: ["", " ${"x".repeat(31)}"]\nappearance:\n  variables: { --theme-color-action: red }\n`,
      faults: [
        'main.yaml:2:10: instance.tags[0]: expected a single line without control characters, got "# \\t"',
        "main.yaml:4:20: chat.forbiddenNames[0]: expected 1 to 30 characters, got 0",
        "main.yaml:4:24: chat.forbiddenNames[1]: expected 1 to 30 characters, got 32",
        'main.yaml:6:16: appearance.variables.--theme-color-action: expected a variable of Owncast\'s page, such as theme-color-action, got "--theme-color-action"; leave the leading dashes out',
      ],
    },
    {
      claim: "recognises the configuration file of an old Owncast, and says so once",
      text: "instanceDetails:\n  name: 3D printer\nvideoSettings:\n  streamingKey: abc\nwebServerPort: 8080\nchta: {}\n",
      faults: [
        "main.yaml:1:1: instanceDetails: this is the config.yaml of an old Owncast, not a stage file; `lectern export` writes a stage file from a running Owncast",
        "main.yaml:6:1: chta: no such setting; did you mean chat?",
      ],
    },
    {
      claim: "refuses addresses to which Owncast cannot append a path",
      text: 'chat:\n  socketHost: wss://chat.example.org:9443/owncast\nstorage:\n  servingEndpoint: https://cdn.example.com/\n  objectStorage: { enabled: false, endpoint: "https://s3.example.com/?x=1" }\n',
      faults: [
        'main.yaml:2:15: chat.socketHost: expected a host such as https://chat.example.org, without port and path, because the page adds its own; or "", got "wss://chat.example.org:9443/owncast"',
        'main.yaml:4:20: storage.servingEndpoint: expected an address such as https://cdn.example.com, without / at the end and without ? or #, because Owncast appends a path; or "", got "https://cdn.example.com/"',
        'main.yaml:5:46: storage.objectStorage.endpoint: expected an address such as https://s3.example.com, without / at the end and without ? or #, because Owncast appends a path, got "https://s3.example.com/?x=1"',
      ],
    },
    {
      claim: "escapes invisible characters",
      text: 'instance:\n  name: "a\\tb"\n  summary: "a\\u202eb"\n  tags: ["\\x7f"]\n',
      faults: [
        'main.yaml:2:9: instance.name: expected a single line without control characters, got "a\\tb"',
        'main.yaml:3:12: instance.summary: expected no control characters, got "a\\u202eb"',
        'main.yaml:4:10: instance.tags[0]: expected a single line without control characters, got "\\u007f"',
      ],
    },
    {
      claim: "refuses half a character",
      text: 'instance:\n  name: "\\ud83c"\n',
      faults: ["main.yaml:2:9: instance.name: holds half a character (a lone surrogate); write the whole character"],
    },
    {
      claim: "refuses addresses without a scheme, or with another",
      text: "instance:\n  socialHandles:\n    - { platform: GitHub, url: github.com/x }\nstorage:\n  servingEndpoint: ftp://x\n",
      faults: [
        'main.yaml:3:32: instance.socialHandles[0].url: expected an address that starts with https://, http://, xmpp:, matrix: or mailto:, got "github.com/x"',
        'main.yaml:5:20: storage.servingEndpoint: expected an address such as https://cdn.example.com, without / at the end and without ? or #, because Owncast appends a path; or "", got "ftp://x"',
      ],
    },
    {
      claim: "reports a bad name in a free mapping at the name, and a bad value at the value",
      text: "appearance:\n  variables: { color: red, theme-color-x: 'url(x)', theme-color-y: 5 }\n",
      faults: [
        'main.yaml:2:16: appearance.variables.color: expected a variable of Owncast\'s page, such as theme-color-action, got "color"',
        "main.yaml:2:68: appearance.variables.theme-color-y: expected a text, got 5; put it in quotes",
      ],
    },
    {
      claim: "reports a missing key at the place of its mapping",
      text: "instance:\n  socialHandles:\n    - platform: github\n",
      faults: ["main.yaml:3:7: instance.socialHandles[0].url: missing; expected a text"],
    },
    {
      claim: "never repeats a value that may be a secret",
      text: "access:\n  adminPassword: hunter2\n  streamKeys: [Abc!23, { secret: Abc!23 }, { secret: *Abc }]\nstorage:\n  objectStorage: { enabled: 5, accessKey: AKIA123, secretKey: { secret: 5 } }\nnotifications:\n  discord: { enabled: true, webhook: https://discord.example/api }\nintegrations:\n  webhooks:\n    list:\n      - { url: hooks.example/Abc123, events: [chat-message] }\n      - { url: { secret: https://hooks.example/Abc123 }, events: [chat-message] }\n      - { url: [https://hooks.example/Abc123], events: [chat-message] }\n",
      faults: [
        "main.yaml:2:18: access.adminPassword: expected a mapping of settings, got something else (not shown, it may be a secret)",
        "main.yaml:3:16: access.streamKeys[0]: expected a mapping of settings, got something else (not shown, it may be a secret)",
        "main.yaml:3:34: access.streamKeys[1].secret: expected a secret's name: lower-case letters, digits and dashes, but not rehearsal-token, interpreter-key-… or captions-token-…, got something else (not shown, it may be a secret)",
        "main.yaml:3:54: access.streamKeys[2].secret: aliases (`*name`) are not allowed; write the value out, or quote a text that starts with *",
        "main.yaml:5:29: storage.objectStorage.enabled: expected true or false, got 5",
        "main.yaml:5:43: storage.objectStorage.accessKey: expected a mapping of settings, got something else (not shown, it may be a secret)",
        "main.yaml:5:73: storage.objectStorage.secretKey.secret: expected a text, got something else (not shown, it may be a secret)",
        "main.yaml:7:38: notifications.discord.webhook: expected a mapping of settings, got something else (not shown, it may be a secret)",
        "main.yaml:11:16: integrations.webhooks.list[0].url: expected an address that starts with https:// or http://, got something else (not shown, it may be a secret)",
        "main.yaml:12:26: integrations.webhooks.list[1].url.secret: expected a secret's name: lower-case letters, digits and dashes, but not rehearsal-token, interpreter-key-… or captions-token-…, got something else (not shown, it may be a secret)",
        "main.yaml:13:16: integrations.webhooks.list[2].url: expected a text, or a mapping of settings, got something else (not shown, it may be a secret)",
      ],
    },
  ])("$claim", refuses);
});
describe("a rule between settings of a stage file", () => {
  it.each<Case>([
    {
      claim: "says that a ladder has each name once",
      text: "video:\n  ladder:\n    - { name: SD, width: 854, height: 480, framerate: 30, bitrateKbps: 1000 }\n    - { name: SD, width: 1280, height: 720, framerate: 30, bitrateKbps: 1600 }\n",
      faults: ["main.yaml:4:7: video.ladder[1]: expected a name of its own; an earlier rendition is called SD"],
    },
    {
      claim: "says that a ladder starts with the smallest rendition",
      text: "video:\n  ladder:\n    - { name: HD, width: 1280, height: 720, framerate: 30, bitrateKbps: 1600 }\n    - { name: SD, width: 854, height: 480, framerate: 30, bitrateKbps: 1000 }\n",
      faults: ["main.yaml:4:7: video.ladder[1]: expected the smallest first; HD before it is larger"],
    },
    {
      claim: "says that a rendition with a larger frame has a higher bitrate",
      text: "video:\n  ladder:\n    - { name: SD, width: 854, height: 480, framerate: 30, bitrateKbps: 1000 }\n    - { name: HD, width: 1280, height: 720, framerate: 30, bitrateKbps: 1000 }\n",
      faults: ["main.yaml:4:7: video.ladder[1]: expected more than 1000 kbit/s: its frame is larger than that of SD"],
    },
    {
      claim: "says that a passthrough rendition has no encoder settings, and any other has all of them",
      text: "video:\n  ladder:\n    - { name: Source, passthrough: true, width: 854 }\n    - { name: SD, width: 854, height: 480, framerate: 30 }\n",
      faults: [
        "main.yaml:3:7: video.ladder[0]: expected no width with passthrough, because nothing is encoded",
        "main.yaml:4:7: video.ladder[1]: expected bitrateKbps too (or passthrough: true)",
      ],
    },
    {
      claim: "compares sizes by the sides that both renditions declare",
      text: "video:\n  ladder:\n    - { name: HD, height: 720, framerate: 30, bitrateKbps: 2000 }\n    - { name: Camera, framerate: 30, bitrateKbps: 1000 }\n    - { name: SD, width: 854, height: 480, framerate: 30, bitrateKbps: 800 }\n    - { name: FHD, width: 1920, framerate: 30, bitrateKbps: 700 }\n",
      faults: [
        "main.yaml:5:7: video.ladder[2]: expected the smallest first; HD before it is larger",
        "main.yaml:6:7: video.ladder[3]: expected more than 800 kbit/s: its frame is larger than that of SD",
      ],
    },
    {
      claim: "says that passthrough is true or left out",
      text: "video:\n  ladder:\n    - { name: Source, passthrough: false }\n",
      faults: ["main.yaml:3:36: video.ladder[0].passthrough: expected true, got false"],
    },
    {
      claim: "says that enabled storage is complete",
      text: "storage:\n  objectStorage: { enabled: true, bucket: x }\n",
      faults: [
        "main.yaml:2:18: storage.objectStorage: expected endpoint, bucket, region, accessKey, secretKey, because enabled is true",
      ],
    },
    {
      claim: "says that an enabled Discord channel has its webhook",
      text: "notifications:\n  discord: { enabled: true }\n",
      faults: ["main.yaml:2:12: notifications.discord: expected webhook, because enabled is true"],
    },
    {
      claim: "says that an action has either url or html",
      text: "appearance:\n  externalActions:\n    - { title: x, url: https://a.example/, html: <p> }\n    - { title: y }\n",
      faults: [
        "main.yaml:3:7: appearance.externalActions[0]: expected either url or html",
        "main.yaml:4:7: appearance.externalActions[1]: expected either url or html",
      ],
    },
    {
      claim: "says that there are no suggested names or at least ten",
      text: "chat:\n  suggestedNames: [Ada]\n",
      faults: ["main.yaml:2:19: chat.suggestedNames: expected no names, or at least 10 (Owncast ignores fewer)"],
    },
    {
      claim: "says that each webhook has its own url, and each token and emoji its own name",
      text: "integrations:\n  webhooks:\n    list:\n      - { url: https://a.example/, events: [stream-started] }\n      - { url: https://a.example/, events: [stream-stopped, stream-stopped] }\n      - { url: { secret: webhook }, events: [stream-stopped] }\n      - { url: { secret: webhook }, events: [chat-message] }\n  accessTokens:\n    list:\n      - { name: a, scopes: [admin] }\n      - { name: a, scopes: [admin] }\nchat:\n  emoji:\n    list:\n      - { name: a, file: a.png }\n      - { name: A, file: b.png }\n",
      faults: [
        "main.yaml:4:7: integrations.webhooks.list: expected each url once",
        "main.yaml:5:44: integrations.webhooks.list[1].events: expected each event once",
        "main.yaml:10:7: integrations.accessTokens.list: expected each name once",
        "main.yaml:15:7: chat.emoji.list: expected each name once; capital and small letters count as the same",
      ],
    },
  ])("$claim", refuses);
});
describe("a rule between the caption tracks of a stage file", () => {
  const storage =
    "storage:\n  objectStorage: { enabled: true, endpoint: https://s3.example.com, bucket: b, region: eu, accessKey: { secret: a }, secretKey: { secret: s } }\n";
  it.each<Case>([
    {
      claim: "says that a translation names its track, and no other track does",
      text: "captions:\n  tracks:\n    - { language: en, source: speech, from: fr }\n    - { language: es, source: translation }\n",
      faults: [
        'main.yaml:3:45: captions.tracks[0].from: expected no from with source speech; only a translation is made from another track, got "fr"',
        "main.yaml:4:7: captions.tracks[1]: expected from too, because source is translation: one of en",
      ],
    },
    {
      claim: "says that a translation is made from a track that is no translation",
      text: "captions:\n  tracks:\n    - { language: en, source: push }\n    - { language: es, source: translation, from: en }\n    - { language: fr, source: translation, from: es }\n    - { language: it, source: translation, from: EN }\n    - { language: de, source: translation, from: pt }\n",
      faults: [
        'main.yaml:5:50: captions.tracks[2].from: expected a track that is no translation: one of en; es is a translation itself, got "es"',
        `main.yaml:6:50: captions.tracks[3].from: expected a language's code, such as en, pt-BR or zh-Hant, got "EN"`,
        'main.yaml:7:50: captions.tracks[4].from: expected a track that is no translation: one of en, got "pt"',
      ],
    },
    {
      claim: "says that a translation alone has nothing to translate",
      text: "captions:\n  tracks:\n    - { language: en, source: translation, from: en }\n",
      faults: [
        'main.yaml:3:50: captions.tracks[0].from: expected a track that is no translation: add a track that is no translation; en is a translation itself, got "en"',
      ],
    },
    {
      claim: "says that each language has one track, in capital and small letters",
      text: "captions:\n  tracks:\n    - { language: pt-BR, source: speech }\n    - { language: pt-br, source: interpreter }\n",
      faults: [
        'main.yaml:4:19: captions.tracks[1].language: expected each language once; an earlier track has pt-BR, got "pt-br"',
      ],
    },
    {
      claim: "refuses what is no language and no source, and names that would break the player's list",
      text: `captions:\n  tracks:\n    - { language: English, source: speech }\n    - { language: en/.., source: vosk }\n    - { language: de, name: 'a"b', source: push }\n    - { language: fr, name: " fr", source: pusch }\n`,
      faults: [
        `main.yaml:3:19: captions.tracks[0].language: expected a language's code, such as en, pt-BR or zh-Hant, got "English"`,
        `main.yaml:4:19: captions.tracks[1].language: expected a language's code, such as en, pt-BR or zh-Hant, got "en/.."`,
        'main.yaml:4:34: captions.tracks[1].source: expected one of speech, interpreter, translation, push, got "vosk"',
        `main.yaml:5:29: captions.tracks[2].name: expected a name without double quotes, and no spaces around it, got "a\\"b"`,
        `main.yaml:6:29: captions.tracks[3].name: expected a name without double quotes, and no spaces around it, got " fr"`,
        'main.yaml:6:44: captions.tracks[3].source: expected one of speech, interpreter, translation, push, got "pusch"; did you mean push?',
      ],
    },
    {
      claim: "refuses captions of no track",
      text: "captions:\n  tracks: []\n",
      faults: ["main.yaml:2:11: captions.tracks: expected at least 1 entry, got 0"],
    },
    {
      claim: "refuses a ninth track",
      text: `captions:\n  tracks:\n${["aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai"].map((language) => `    - { language: ${language}, source: push }\n`).join("")}`,
      faults: ["main.yaml:3:5: captions.tracks: expected at most 8 entries, got 9"],
    },
    {
      claim: "limits glossary and favoured words",
      text: `captions:\n  tracks: [{ language: en, source: speech }]\n  glossary:\n    - { heard: Nicks, written: NixOS }\n    - { heard: a b c d e f g h i, written: x }\n    - { heard: a  b, written: " x" }\n    - { heard: x, written: ${"x".repeat(43)} }\n  favour: [two words, ""]\n  transcript: public\n`,
      faults: [
        'main.yaml:4:16: captions.glossary[0].heard: expected one to eight words in lower case, with single spaces between them, got "Nicks"',
        'main.yaml:5:16: captions.glossary[1].heard: expected one to eight words in lower case, with single spaces between them, got "a b c d e f g h i"',
        'main.yaml:6:16: captions.glossary[2].heard: expected one to eight words in lower case, with single spaces between them, got "a  b"',
        'main.yaml:6:31: captions.glossary[2].written: expected a text without spaces around it, got " x"',
        "main.yaml:7:28: captions.glossary[3].written: expected 1 to 42 characters, got 43",
        'main.yaml:8:12: captions.favour[0]: expected one word in lower case, got "two words"',
        "main.yaml:8:23: captions.favour[1]: expected 1 to 40 characters, got 0",
        'main.yaml:9:15: captions.transcript: expected one of private, published, got "public"',
      ],
    },
    {
      claim: "says that the glossary has each entry once",
      text: "captions:\n  tracks: [{ language: en, source: speech }]\n  glossary: [{ heard: a, written: b }, { heard: a, written: c }]\n",
      faults: ["main.yaml:3:13: captions.glossary: expected each heard once"],
    },
    {
      claim: "refuses captions beside object storage",
      text: `captions:\n  tracks: [{ language: en, source: speech }]\n${storage}`,
      faults: [
        "main.yaml:2:11: captions.tracks: expected no tracks with storage.objectStorage, because players then load their playlists from the bucket, which knows no tracks; remove captions.tracks, or set storage.objectStorage.enabled to false",
      ],
    },
    {
      claim: "refuses a stream key that has the name of an interpreter's key or a captioner's token",
      text: "access:\n  streamKeys: [{ secret: interpreter-key-fr }, { secret: captions-token-de }]\n",
      faults: [
        "main.yaml:2:26: access.streamKeys[0].secret: expected a secret's name: lower-case letters, digits and dashes, but not rehearsal-token, interpreter-key-… or captions-token-…, got something else (not shown, it may be a secret)",
        "main.yaml:2:58: access.streamKeys[1].secret: expected a secret's name: lower-case letters, digits and dashes, but not rehearsal-token, interpreter-key-… or captions-token-…, got something else (not shown, it may be a secret)",
      ],
    },
  ])("$claim", refuses);
});
describe("the check of a stage file's syntax", () => {
  it.each<Case>([
    {
      claim: "finds the quote that is never closed",
      text: 'instance:\n  name: "Lecture\n  tags: [x]\n',
      faults: ['main.yaml:2:9: this " is never closed'],
    },
    {
      claim: "finds the single quote that is never closed",
      text: "instance:\n  name: 'Lecture\n  tags: [x]\n",
      faults: ["main.yaml:2:9: this ' is never closed"],
    },
    {
      claim: "finds the bracket that is never closed",
      text: "instance:\n  tags: [nix, nixos\nchat:\n  enabled: 5\n",
      faults: ["main.yaml:2:9: this [ is never closed"],
    },
    {
      claim: "finds the brace that is never closed",
      text: "video:\n  ladder:\n    - { name: SD, width: 854, height: 480, framerate: 30, bitrateKbps: 1000\n",
      faults: ["main.yaml:3:7: this { is never closed"],
    },
    {
      claim: "finds the innermost bracket that is never closed",
      text: "instance: { name: 🎥, tags: [ }\n",
      faults: ["main.yaml:1:28: this [ is never closed"],
    },
    {
      claim: "finds a bracket that was never opened",
      text: "instance:\n  tags: [nix]]\n",
      faults: ["main.yaml:2:14: no opening bracket for this closing one"],
    },
    {
      claim: "says that a tab cannot indent",
      text: "chat:\n  enabled: true\n\tslurFilter: true\n",
      faults: ["main.yaml:3:1: indented with a tab; YAML needs spaces"],
    },
    {
      claim: "finds the line that is indented less than its neighbours",
      text: "instance:\n    name: x\n  summary: y\n",
      faults: [
        "main.yaml:3:3: indented differently from the settings beside it; all settings of a group start in the same column",
      ],
    },
    {
      claim: "finds the line that is indented deeper than its neighbours",
      text: "chat:\n  enabled: true\n   slurFilter: true\n",
      faults: ["main.yaml:3:4: indented deeper than the line above, but that line already has its value"],
    },
    {
      claim: "finds a line without a colon",
      text: "instance:\n  name: x\n  summary y\nchat: {}\n",
      faults: ["main.yaml:3:3: expected `name: value`; the colon is missing, or the space after it"],
    },
    {
      claim: "finds a colon without a space",
      text: "instance:\n  name:Lecture\n",
      faults: [
        'main.yaml:2:3: instance: expected a mapping of settings, got "name:Lecture"; a space is missing after the colon',
      ],
    },
    {
      claim: "finds a dash without a space",
      text: "instance:\n  tags:\n  - nix\n  -nixos\n",
      faults: ["main.yaml:4:3: expected a space after the dash"],
    },
    {
      claim: "says that a text with a colon needs quotes",
      text: "instance:\n  name: Lecture: part two\n",
      faults: ["main.yaml:2:9: `: ` inside a value; put the text in quotes"],
    },
    {
      claim: "says that a text that starts with a sign needs quotes",
      text: "instance:\n  name: @home\n  summary: `x`\n  tags: [%x]\n",
      faults: [
        'main.yaml:2:9: a text cannot start with "@"; put the text in quotes',
        'main.yaml:3:12: a text cannot start with "`"; put the text in quotes',
        'main.yaml:4:10: a text cannot start with "%"; put the text in quotes',
      ],
    },
    {
      claim: "says that # starts a comment",
      text: "instance:\n  tags: [#nix]\n",
      faults: [
        "main.yaml:2:10: `#` starts a comment only after a space; put the text in quotes if the `#` belongs to it",
      ],
    },
    {
      claim: "says that a backslash is special in double quotes",
      text: 'instance:\n  name: "C:\\path"\n',
      faults: ["main.yaml:2:12: `\\p` means nothing between double quotes; write `\\\\` for a backslash"],
    },
    {
      claim: "shows the whole emoji after a backslash",
      text: 'instance:\n  name: "\\🎥"\n',
      faults: ["main.yaml:2:10: `\\🎥` means nothing between double quotes; write `\\\\` for a backslash"],
    },
    {
      claim: "asks for a comma between the entries of a list",
      text: 'instance:\n  tags: ["a" "b"]\n',
      faults: ["main.yaml:2:14: expected a comma before this"],
    },
    {
      claim: "names a comma without a value",
      text: "instance:\n  tags: [a, , b]\n",
      faults: ["main.yaml:2:13: no value before this comma"],
    },
    {
      claim: "asks for the same indentation of a text's first lines",
      text: "instance:\n  pageText: |\n        \n    x\n",
      faults: ["main.yaml:4:5: the first lines of this text are indented deeper than the rest; indent all lines alike"],
    },
    {
      claim: "asks for a dash before each entry of a list",
      text: "chat:\n  - - a\n    b: c\n",
      faults: ["main.yaml:3:5: expected `- ` in the same column as the list's other entries"],
    },
    {
      claim: "reports a document that starts on the line of its mark",
      text: "--- chat: {}\n",
      faults: ["main.yaml:1:5: `---` and `...` separate documents; a stage file is one document, remove them"],
    },
    {
      claim: "asks for brackets around a list inside braces",
      text: "chat: { emoji: x: y }\n",
      faults: ["main.yaml:1:16: inside [ ] or { }, write lists with [ ] and mappings with { }"],
    },
    {
      claim: "says that a list starts below its name",
      text: "instance:\n  tags: - nix\n",
      faults: ["main.yaml:2:9: a list starts on a line of its own, below its name"],
    },
    {
      claim: "says that a block's text starts below its sign",
      text: "instance:\n  summary: | text\n    more\n",
      faults: ["main.yaml:2:14: a text after `|` or `>` starts on the next line"],
    },
    {
      claim: "recognises the braces of a template",
      text: "instance:\n  name: {{ name }}\n",
      faults: ["main.yaml:2:10: instance.name: a setting's name must be a text, got a mapping"],
    },
    {
      claim: "refuses a merge conflict",
      text: "<<<<<<< HEAD\nchat: {}\n=======\nvideo: {}\n>>>>>>> other\n",
      faults: ["main.yaml:1:1: the mark of a merge conflict; keep one side and remove the marks"],
    },
    {
      claim: "refuses another format's file",
      text: '[instance]\nname = "x"\n',
      faults: ["main.yaml:2:1: unexpected text; a stage file is made of lines `name: value`"],
    },
    {
      claim: "refuses anchors and aliases, even without a partner",
      text: "instance: &all\n  name: &n x\n  summary: *n\nchat: *all\nvideo:\n  latency: *none\n",
      faults: [
        "main.yaml:1:11: instance: anchors (`&name`) are not allowed; remove it, or quote a text that starts with &",
        "main.yaml:2:9: instance.name: anchors (`&name`) are not allowed; remove it, or quote a text that starts with &",
        "main.yaml:3:12: instance.summary: aliases (`*name`) are not allowed; write the value out, or quote a text that starts with *",
        "main.yaml:4:7: chat: aliases (`*name`) are not allowed; write the value out, or quote a text that starts with *",
        "main.yaml:6:12: video.latency: aliases (`*name`) are not allowed; write the value out, or quote a text that starts with *",
      ],
    },
    {
      claim: "refuses merge keys",
      text: "instance: {}\nchat:\n  <<: { enabled: true }\n",
      faults: ["main.yaml:3:3: chat: merge keys (`<<`) are not allowed; write the settings out"],
    },
    {
      claim: "reports a merge key once, and no faults of its contents or their place",
      text: "x-defaults: &r\n  framerate: 30\n  name: &n x\nvideo:\n  ladder:\n    - { <<: *r, width: 854, height: 480, bitrateKbps: 1000 }\n    - { <<: *r, name: HD, width: 1281, height: 720, bitrateKbps: 2500 }\n",
      faults: [
        "main.yaml:1:1: x-defaults: no such setting; known here: instance, video, chat, appearance, federation, notifications, storage, integrations, access, captions, rehearsal",
        "main.yaml:6:9: video.ladder[0]: merge keys (`<<`) are not allowed; write the settings out",
        "main.yaml:7:9: video.ladder[1]: merge keys (`<<`) are not allowed; write the settings out",
        "main.yaml:7:34: video.ladder[1].width: expected an even number, got 1281",
      ],
    },
    {
      claim: "refuses tags, even if they change nothing",
      text: "instance: !!map\n  name: !secret x\n  summary: !!omap [x]\n  tags: !!set { a }\nchat:\n  enabled: !important\n",
      faults: [
        "main.yaml:1:11: instance: tags (`!name`) are not allowed; remove it, or quote a text that starts with !",
        "main.yaml:2:9: instance.name: tags (`!name`) are not allowed; remove it, or quote a text that starts with !",
        "main.yaml:3:12: instance.summary: tags (`!name`) are not allowed; remove it, or quote a text that starts with !",
        "main.yaml:4:9: instance.tags: tags (`!name`) are not allowed; remove it, or quote a text that starts with !",
        "main.yaml:6:12: chat.enabled: tags (`!name`) are not allowed; remove it, or quote a text that starts with !",
      ],
    },
    {
      claim: "refuses directives, even one that would make yes a boolean",
      text: "%YAML 1.1\n---\nchat:\n  enabled: yes\n",
      faults: ["main.yaml:1:1: a line may not start with `%`; remove it"],
    },
    {
      claim: "refuses a second document",
      text: "chat: {}\n---\nchat: {}\n",
      faults: ["main.yaml:2:1: a second document starts here; a stage file is one document, remove the `---`"],
    },
    {
      claim: "refuses an empty file",
      text: "",
      faults: ["main.yaml:1:1: expected a mapping of settings, got nothing"],
    },
    {
      claim: "refuses a file of comments and empty lines",
      text: "# nothing\n\n  \n",
      faults: ["main.yaml:1:1: expected a mapping of settings, got nothing"],
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
      claim: "refuses null at the top",
      text: "~\n",
      faults: ["main.yaml:1:1: expected a mapping of settings, got nothing"],
    },
  ])("$claim", refuses);
});
describe("the check of a stage file's encoding and line ends", () => {
  it.each<Case>([
    {
      claim: "refuses UTF-16, little end first",
      text: new Uint8Array([255, 254, 99, 0, 104, 0, 97, 0, 116, 0, 58, 0, 32, 0, 123, 0, 125, 0, 10, 0]),
      faults: ["main.yaml:1:1: the file is UTF-16; save it as UTF-8"],
    },
    {
      claim: "refuses UTF-16, big end first",
      text: new Uint8Array([254, 255, 0, 99, 0, 104, 0, 97, 0, 116, 0, 58, 0, 32, 0, 123, 0, 125, 0, 10]),
      faults: ["main.yaml:1:1: the file is UTF-16; save it as UTF-8"],
    },
    {
      claim: "refuses UTF-16 without a byte-order mark",
      text: new Uint8Array([99, 0, 104, 0, 97, 0, 116, 0, 58, 0, 32, 0, 123, 0, 125, 0, 10, 0]),
      faults: ["main.yaml:1:1: the file is UTF-16; save it as UTF-8"],
    },
    {
      claim: "refuses Latin-1, and names the first place",
      text: new Uint8Array([
        105, 110, 115, 116, 97, 110, 99, 101, 58, 10, 32, 32, 110, 97, 109, 101, 58, 32, 86, 111, 114, 116, 114, 228,
        103, 101, 10,
      ]),
      faults: ["main.yaml:2:14: this is not UTF-8; save the file as UTF-8"],
    },
    {
      claim: "refuses a NUL byte, and names the place",
      text: "chat:\n  enabled: true # \u0000\n",
      faults: ["main.yaml:2:19: a NUL byte; is it a text file?"],
    },
    {
      claim: "ignores a UTF-8 byte-order mark",
      text: "\ufeffchta: {}\n",
      faults: ["main.yaml:1:1: chta: no such setting; did you mean chat?"],
    },
    {
      claim: "counts lines that end with CR and LF",
      text: "instance:\r\n  summary: |\r\n    a\r\n    b\r\nchat:\r\n  enabled: 5\r\n  enabled: 6\r\n",
      faults: ["main.yaml:7:3: chat.enabled: this name occurs twice here; keep one"],
    },
    {
      claim: "refuses lines that end with CR without LF",
      text: "chat:\r  enabled: true\r",
      faults: ["main.yaml:1:6: a line ends with CR alone; save the file with LF"],
    },
    {
      claim: "counts columns in characters, an emoji as one",
      text: "instance: { name: 🎥🎥, tags: 5 }\nchat: { enabled: 🎥, slurFilter: 5 }\n",
      faults: [
        "main.yaml:1:29: instance.tags: expected a list, got 5",
        'main.yaml:2:18: chat.enabled: expected true or false, got "🎥"',
        "main.yaml:2:33: chat.slurFilter: expected true or false, got 5",
      ],
    },
    {
      claim: "counts columns in characters in a syntax error too",
      text: "instance: { name: 🎥🎥, tags: * }\n",
      faults: [
        "main.yaml:1:29: `&`, `*` and `!` at the start of a text have a special meaning; put the text in quotes",
      ],
    },
  ])("$claim", refuses);
});

it("the loader reports all faults at once, in the order of the file", async () => {
  const text =
    "chat:\n  enabled: yes\n  enabled: &a true\ninstance:\n  nme: x\n  tags: [ok, 5]\n  summary: *a\nvideo: 5\n";
  expect(await faultsOf(text)).toEqual([
    "main.yaml:3:3: chat.enabled: this name occurs twice here; keep one",
    "main.yaml:3:12: chat.enabled: anchors (`&name`) are not allowed; remove it, or quote a text that starts with &",
    "main.yaml:5:3: instance.nme: no such setting; did you mean name?",
    "main.yaml:6:14: instance.tags[1]: expected a text, got 5; put it in quotes",
    "main.yaml:7:12: instance.summary: aliases (`*name`) are not allowed; write the value out, or quote a text that starts with *",
    "main.yaml:8:8: video: expected a mapping of settings, got 5",
  ]);
});
