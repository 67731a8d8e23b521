// Functions that start ffmpeg in a process without a free file descriptor: Node then makes no pipes, and emits an event.
import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { expect, it } from "vitest";

const cases = [
  {
    claim: "reading a segment",
    program: `import { decodeSegment } from "./src/media/decode-segment.ts";`,
    run: "await decodeSegment(Buffer.alloc(188))",
  },
  {
    claim: "reading a media file",
    program: `import { inspectMedia } from "./src/publish/media-file.ts";`,
    run: `await inspectMedia("package.json", false)`,
  },
  {
    claim: "starting an encoder",
    program: `import { startEncoder } from "./src/publish/encoder.ts";`,
    run: `await startEncoder("/bin/true", { width: 64, height: 36, fps: 5, bitrateKbps: 100, keyframeSeconds: 1 })`,
  },
];

it.each(cases)("$claim fails with the reason if no file descriptor is left", async ({ program, run }) => {
  const script = `
    import { openSync } from "node:fs";
    ${program}
    try { for (;;) openSync("/dev/null"); } catch {}
    try { ${run} } catch ({ message }) { console.log(message); }`;
  const limited = `ulimit -n 64; exec "$0" --import tsx --input-type=module -e "$1"`;
  const child = spawn("/bin/sh", ["-c", limited, process.execPath, script], {
    env: { ...process.env, FFMPEG: "/bin/true" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect((await buffer(child.stdout)).toString()).toMatch(/^(\S.* cannot be started: )?spawn \/\S+ EMFILE\n$/);
});
