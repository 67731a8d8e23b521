import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../lib/free-port.ts";
import { findProgram } from "../../lib/programs.ts";
import { startInputsServer } from "./inputs-server.ts";
import type { InterpreterInput } from "./interpreter-source.ts";
import type { CaptionsServer } from "./push-server.ts";

const rate = 16_000;
let heard = Buffer.alloc(0);
let arrived = 0;
let begun = 0;
const input: InterpreterInput = {
  begin: () => void begun++,
  arrived: (samples) => {
    arrived += samples;
  },
  hear: (pcm) => {
    heard = Buffer.concat([heard, pcm]);
  },
};
const said: string[] = [];
let server: CaptionsServer;
let port: number;
/** Two seconds of silence, then a tone of one second, 44.1 kHz stereo. */
let adts: Buffer;

beforeAll(async () => {
  const tone = "aevalsrc='if(gte(t,2),0.5*sin(2*PI*440*t),0)|0':s=44100:d=3";
  const args = ["-hide_banner", "-loglevel", "error", "-f", "lavfi", "-i", tone, "-c:a", "aac", "-f", "adts", "-"];
  adts = execFileSync("ffmpeg", args, { maxBuffer: 2 ** 24 });
  port = await freePort();
  server = await startInputsServer({
    ...{ address: `127.0.0.1:${port}`, inputs: new Map([["fr", input]]), ffmpeg: findProgram("ffmpeg") },
    say: (line) => void said.push(line),
    now: Date.now,
  });
});
afterAll(() => server?.stop());
beforeEach(() => {
  heard = Buffer.alloc(0);
  [arrived, begun] = [0, 0];
});

/** A gate's request. `answer` resolves to the status and the words. */
function send(path = "/inputs/fr", method = "POST") {
  const sending = request({ port, host: "127.0.0.1", path, method, agent: false });
  const answer = new Promise<string>((resolve) => {
    sending.once("response", async (response) => {
      let text = `${response.statusCode} `;
      for await (const part of response.setEncoding("utf8")) text += part;
      resolve(text.trim());
    });
    sending.once("error", ({ message }) => resolve(message));
  });
  sending.flushHeaders();
  return { sending, answer };
}

async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++, await sleep(20)) if (looks > 1000) throw new Error("it does not come about");
}

describe("an interpreter's sound", () => {
  it("is decoded as it comes, in its length, each moment where it was", async () => {
    const { sending, answer } = send();
    for (let at = 0; at < adts.length; at += 700) sending.write(adts.subarray(at, at + 700));
    // It does not wait for the end of the sound.
    await until(() => heard.length / 2 > arrived - 0.05 * rate && arrived > 2.9 * rate);
    sending.end();
    expect(await answer).toBe("200 ended");
    expect(begun).toBe(1);
    expect(Math.abs(heard.length / 2 - arrived)).toBeLessThan(rate * 0.03);
    const loud = (second: number) => Math.abs(peak(heard.subarray(second * rate * 2, (second + 0.2) * rate * 2)));
    // The encoder's own delay is a frame or two.
    expect(loud(1.7)).toBeLessThan(500);
    expect(loud(2.2)).toBeGreaterThan(5000);
  });

  it("of a second connection is refused while the first one is heard", async () => {
    const first = send();
    first.sending.write(adts.subarray(0, 5000));
    await until(() => arrived > 0);
    expect(await send().answer).toMatch(/^409 another interpreter/);
    first.sending.end();
    await first.answer;
    const third = send();
    third.sending.end(adts);
    expect(await third.answer).toBe("200 ended");
  });

  it.each([
    ["of another language", "/inputs/es", "POST", /^404/],
    ["of a path", "/inputs/../fr", "POST", /^404/],
    ["that is asked for", "/inputs/fr", "GET", /^405/],
  ])("%s is refused", async (_, path, method, says) => {
    const { sending, answer } = send(path, method);
    sending.end();
    expect(await answer).toMatch(says);
    expect(begun).toBe(0);
  });

  it.each([
    ["no ADTS", Buffer.alloc(50_000, 65)],
    ["noise", Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7919) % 251))],
    ["sound and then garbage", Buffer.alloc(0)],
  ])("that is %s ends with the reason, and the next one is heard", async (what, bytes) => {
    const { sending, answer } = send();
    if (what.startsWith("sound")) sending.write(Buffer.concat([adts, Buffer.alloc(1000, 9)]));
    else sending.write(bytes);
    expect(await answer).toMatch(/^400 .*no ADTS frame begins here/);
    const next = send();
    next.sending.end(adts);
    expect(await next.answer).toBe("200 ended");
    expect(said.some((line) => line.includes("no ADTS frame begins here"))).toBe(true);
  });

  it("in frames whose contents are garbage ends nothing but that sound", async () => {
    const broken = Buffer.from(adts);
    for (let at = 100; at < broken.length; at += 97) {
      const isHead = broken[at] === 0xff || broken[at + 1] === 0xff;
      if (!isHead) broken[at] = (broken[at] ?? 0) ^ 0x10;
    }
    const { sending, answer } = send();
    sending.end(broken);
    expect(await answer).toMatch(/^(200|400)/);
    const next = send();
    next.sending.end(adts);
    expect(await next.answer).toBe("200 ended");
  });

  it("whose gate is gone makes room for the next", async () => {
    const { sending } = send();
    sending.write(adts.subarray(0, 5000));
    await until(() => arrived > 0);
    sending.destroy();
    let again = "";
    await until(() => {
      void (async () => {
        const next = send();
        next.sending.end(adts);
        again ||= (await next.answer).startsWith("200") ? "heard" : "";
      })();
      return again !== "";
    });
  });
});

const peak = (pcm: Buffer): number => {
  let most = 0;
  for (let at = 0; at + 1 < pcm.length; at += 2) most = Math.max(most, Math.abs(pcm.readInt16LE(at)));
  return most;
};
