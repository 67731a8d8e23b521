/** Writes a transcript on a disk that fills up and has room again. Argument: the disk's folder. Prints what happened as JSON. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readWholeVtt } from "../../../src/lib/transcript-vtt.ts";
import { openTranscript } from "../../../src/services/captions/transcript.ts";

const [disk = ""] = process.argv.slice(2);
const said: string[] = [];
const session = { dir: join(disk, "transcripts"), sessionId: "20261130T084752Z", language: "en" };
const transcript = openTranscript({ ...session, say: (line) => said.push(line) });
let number = 0;
const add = async (count: number): Promise<void> => {
  for (let one = 0; one < count; one++, number++)
    await transcript.add([{ id: `${number}`, start: number, end: number + 1, lines: [`cue number ${number}`] }]);
};
const vtt = (): Buffer => readFileSync(join(session.dir, "20261130T084752Z-en.vtt"));

/** Until not one byte more fits. */
function fill(): void {
  for (let size = 4096; size >= 1; size /= 2)
    try {
      for (;;) writeFileSync(join(disk, "filler"), Buffer.alloc(size), { flag: "a" });
    } catch {}
}

await add(3);
fill();
await add(400);
const full = { said: [...said], size: vtt().length, whole: readWholeVtt(vtt()) };
rmSync(join(disk, "filler"));
await add(1);
await transcript.close();
const lines = ["vtt", "srt", "txt"].map((format) =>
  readFileSync(join(session.dir, `20261130T084752Z-en.${format}`), "utf8").match(/cue number \d+/g),
);
process.stdout.write(
  JSON.stringify({
    saidWhenFull: full.said,
    halfCues: full.size - full.whole.bytes,
    cuesWhenFull: full.whole.cues.length,
    saidAfterwards: said.slice(full.said.length),
    numbers: lines.map((found) => found?.map((text) => Number(text.split(" ")[2]))),
  }),
);
