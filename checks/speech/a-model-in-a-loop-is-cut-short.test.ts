import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { needsSpeech } from "../lib/speech/needs-speech.ts";

const program = `
import json, sys
sys.path.insert(0, sys.argv[1])
from lectern_speech.loops import without_loop
print(json.dumps([" ".join(without_loop(text.split())) for text in json.loads(sys.argv[2])]))
`;
const folder = join(import.meta.dirname, "../../speech");
const times = (count: number, phrase: string): string => Array(count).fill(phrase).join(" ");

const cases = [
  { claim: "an empty text stays", text: "", left: "" },
  { claim: "a text without a loop stays", text: "of the people by the people for the people", left: undefined },
  { claim: "a word that is said eight times stays", text: `no ${times(8, "no")}`, left: undefined },
  { claim: "a phrase that is said four times stays", text: `we go ${times(4, "on and on")}`, left: undefined },
  // sherpa-onnx wrote this for a sentence over music.
  { claim: "a loop goes", text: `we are going ${times(30, "to be able")} to be`, left: "we are going to be able" },
  { claim: "a loop of one word goes", text: `well ${times(40, "yeah,")} yeah`, left: "well yeah," },
  { claim: "a text that is nothing but a loop keeps one", text: times(50, "Thank you."), left: "Thank you." },
  { claim: "a loop in the middle stays", text: `${times(20, "to be able")} and so on`, left: undefined },
];

describe("the text of a model", () => {
  test("loses a phrase that its end only repeats, and nothing else", needsSpeech, async () => {
    const python = process.env.SPEECH ?? "";
    const texts = JSON.stringify(cases.map(({ text }) => text));
    const { stdout } = await promisify(execFile)(python, ["-B", "-c", program, folder, texts]);
    const left: string[] = JSON.parse(stdout);
    expect(cases.map(({ claim }, at) => ({ claim, left: left[at] }))).toEqual(
      cases.map(({ claim, text, left: kept = text }) => ({ claim, left: kept })),
    );
  });
});
