import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startFakeSpeechServer } from "../lib/captions/fake-speech-server.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { mayMount, onSmallDisk } from "../lib/process/small-disk.ts";

// So many loops of 0.1 s.
const mostLoops = 600;

/** Waits in the script until a command succeeds. */
const until = (command: string): string =>
  `for loop in $(seq ${mostLoops}); do ${command} && break; sleep 0.1; done; ${command} || { echo "never: ${command.replaceAll('"', "'")}"; cat "$log"; exit 1; }`;

test.runIf(isExhaustive && mayMount)(
  "captions go on when a full disk has room again, and leave no drafts",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "lectern-full-"));
    const speech = await startFakeSpeechServer();
    const sinceMs = performance.now();
    // A segment a second; its file is missing, so its captions are empty.
    const keeper = createServer((_, response) => {
      const newest = Math.floor((performance.now() - sinceMs) / 1000) + 2;
      const segments = Array.from({ length: 10 }, (_, at) => `#EXTINF:1.000,\nstream-a-${newest - 9 + at + 10}.ts\n`);
      response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${newest}\n${segments.join("")}`);
    }).listen(0, "127.0.0.1");
    await once(keeper, "listening");
    const { port } = keeper.address() as AddressInfo;
    try {
      const { code, stdout } = await onSmallDisk(
        folder,
        256,
        `
        log=$(mktemp -p /dev/shm)
        ${lecternCommand("captions").join(" ")} --seed checks/lib/stages/captioned-stage.yaml --keeper 127.0.0.1:${port} --hls-dir /nonexistent \\
          --captions-dir "$disk/captions" --speech en=${speech.address} 2> "$log" &
        service=$!
        newest() { ls "$disk/captions/en" | grep -c 'vtt$'; }
        ${until('[ "$(newest 2> /dev/null)" -ge 2 ]')}
        fill
        ${until('grep -q "cannot write caption files: ENOSPC" "$log"')}
        ${until('grep -q "cannot tell the keeper its tracks" "$log"')}
        kill -0 $service || echo "it has ended"
        before=$(newest)
        make_room
        ${until('[ "$(newest)" -ge $((before + 2)) ]')}
        ${until('grep -q "writes caption files again" "$log"')}
        ${until('grep -q "tells the keeper its tracks again" "$log"')}
        kill $service; wait $service; echo "exit $?"
        grep -c "cannot write caption files" "$log"
        find "$disk" -name '*.new'
        rm "$log"
      `,
      );
      expect({ code, stdout }).toEqual({ code: 0, stdout: "exit 0\n1\n" });
    } finally {
      keeper.closeAllConnections();
      keeper.close();
      await speech.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
