import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../checks/lib/needs.ts";
import type { Committed, Segment } from "./source.ts";
import { openTranslationCommand } from "./translation-command.ts";
import { openTranslationServer } from "./translation-server.ts";
import { startTranslationSource, type TranslationSource } from "./translation-source.ts";
import type { TranslationService } from "./translator.ts";
import { readTranslator } from "./translator.ts";

const hasApertium = spawnSync("apertium", ["-l"], { encoding: "utf8" }).stdout?.includes("eng-spa") ?? false;
let folder: string;
const running: { stop(): Promise<void> }[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-translation-"));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program of shell commands. */
function program(...lines: string[]): string {
  const file = join(folder, `program-${Math.random().toString(36).slice(2)}`);
  writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(file, 0o755);
  return file;
}

async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++, await sleep(10)) if (looks > 2000) throw new Error("it does not come about");
}

const segment = (number: number): Segment => ({
  ...{
    file: `stream-a-${number}.ts`,
    start: number * 2,
    end: number * 2 + 2,
    discontinuity: false,
    madeAtMs: undefined,
  },
});

/** A segment with words that are said one after the other, from its start. */
const said = (number: number, ...words: string[]): Committed => ({
  segment: segment(number),
  words: words.map((text, at) => ({ text, start: number * 2 + at * 0.3, end: number * 2 + at * 0.3 + 0.3 })),
});

/** A track that translates what the test commits. */
function track(service: TranslationService, options: { isFromReady?: () => boolean } = {}) {
  let commit: (committed: Committed) => void = () => {};
  const lines: string[] = [];
  const source: TranslationSource = startTranslationSource({
    ...{ language: "es", from: "en", translator: readTranslator("http://127.0.0.1:1"), service, tryAgainMs: [20] },
    onCommitted: (listener) => {
      commit = listener;
    },
    say: (line) => void lines.push(line),
    ...options,
  });
  running.push(source);
  const text = (number: number) =>
    source
      .commit(segment(number))
      .map((word) => word.text)
      .join(" ");
  return { source, lines, text, commit: (committed: Committed) => commit(committed) };
}

/** A translator in the test's hands. */
function translator() {
  const asked: string[] = [];
  const service = {
    asked,
    fails: false,
    async translate(sentence: string) {
      asked.push(sentence);
      if (service.fails) throw new Error("it is gone");
      return `[${sentence}]`;
    },
    async stop() {},
  };
  return service;
}

describe("a sentence", () => {
  it.each([
    ["at its mark", [said(0, "Good", "evening."), said(1, "And", "so")], ["Good evening."]],
    ["at a pause", [said(0, "good", "evening"), said(1, "we", "begin")], ["good evening"]],
    ["at 14 words", [said(0, ..."a b c d e f g h i j k l m n o".split(" "))], ["a b c d e f g h i j k l m n"]],
    ["never while it goes on", [said(0, "a", "b", "c", "d", "e", "f"), said(1, ..."g h i j k l".split(" "))], []],
  ])("ends %s", async (_, all, wanted) => {
    const service = translator();
    const { commit, source } = track(service);
    await until(() => source.isReady);
    for (const committed of all) commit(committed);
    await sleep(20);
    expect(service.asked.slice(1, 1 + wanted.length)).toEqual(wanted);
    if (wanted.length === 0) expect(service.asked).toHaveLength(1);
  });

  it("is shown in the first segment that is committed after it, long enough to be read", async () => {
    const service = translator();
    const { commit, source, text } = track(service);
    await until(() => source.isReady);
    commit(said(0, "Good", "evening,", "and", "welcome."));
    expect(source.settled()).toBe(Number.NEGATIVE_INFINITY);
    await until(() => source.settled() === 2);
    const [first, ...others] = source.commit(segment(0));
    expect([first?.text, ...others.map((word) => word.text)].join(" ")).toBe("[Good evening, and welcome.]");
    expect((others.at(-1)?.end ?? 0) - (first?.start ?? 0)).toBeCloseTo(28 / 17);
    expect(text(1)).toBe("");
  });
});

describe("what is left of a stream", () => {
  it("is no part of the next one: neither half a sentence, nor one that waits, nor one that is being translated", async () => {
    const service = translator();
    const { commit, source, text } = track(service);
    await until(() => source.isReady);
    commit(said(0, "This", "is", "shown", "late."));
    await until(() => source.figures.translated === 1);
    commit(said(1, "One", "is", "asked.", "One", "waits.", "and", "one", "is", "a", "secret"));
    source.endSession?.();
    commit({ ...said(2, "Good", "morning."), segment: { ...segment(2), discontinuity: true } });
    await until(() => service.asked.includes("Good morning.") && source.settled() === 6);
    expect(text(2)).toBe("[Good morning.]");
    expect(service.asked).toEqual(["OK.", "This is shown late.", "One is asked.", "Good morning."]);
  });

  it("after the loss of a camera is a sentence of its own", async () => {
    const service = translator();
    const { commit, source } = track(service);
    await until(() => source.isReady);
    const all = "a b c d e f".split(" ");
    commit(said(0, ...all));
    commit({ ...said(1, "Good", "morning."), segment: { ...segment(1), discontinuity: true } });
    await until(() => source.settled() === 4);
    expect(service.asked).toEqual(["OK.", "a b c d e f", "Good morning."]);
  });
});

describe("the track", () => {
  it("is not offered after three failed sentences, and again when the translator works", async () => {
    const service = translator();
    const { commit, source, lines } = track(service);
    await until(() => source.isReady);
    service.fails = true;
    for (const number of [0, 1]) commit(said(number, "No."));
    await sleep(20);
    expect(source.isReady).toBe(true);
    commit(said(2, "No."));
    await until(() => !source.isReady);
    expect(source.fault).toBe("it is gone");
    service.fails = false;
    await until(() => source.isReady);
    expect(source.figures).toEqual({ translated: 0, failed: 3, dropped: 0 });
    expect(lines.map((line) => line.replace(/.*\) /, ""))).toEqual([
      "has a fault: it is gone; this service tries again by itself",
      "works",
    ]);
  });

  it("is not offered before the translator has worked, nor while the other track has no words", async () => {
    const service = translator();
    service.fails = true;
    let isFromReady = false;
    const { source } = track(service, { isFromReady: () => isFromReady });
    expect(source.isReady).toBe(false);
    service.fails = false;
    await until(() => source.fault === "the track en, which it translates, has no words");
    isFromReady = true;
    expect(source.isReady).toBe(true);
  });

  it("drops the oldest sentences of a translator that is too slow, and counts them", async () => {
    const service = translator();
    const { commit, source } = track({
      ...service,
      translate: (text) => sleep(5).then(() => service.translate(text)),
    });
    await until(() => source.isReady);
    for (let number = 0; number < 30; number++) commit(said(number, `${number}.`));
    await until(() => source.figures.translated + source.figures.dropped === 30);
    expect(source.figures.dropped).toBeGreaterThanOrEqual(17);
    expect(service.asked.at(-1)).toBe("29.");
  });
});

describe("a program", () => {
  const withinMs = 500;
  const open = (...lines: string[]) => {
    const service = openTranslationCommand({ program: program(...lines), withinMs, pausesMs: [0] });
    running.push(service);
    return service;
  };

  it("translates a sentence a line, and runs on", async () => {
    const service = open('n=0; while read -r line; do n=$((n+1)); echo "$n $line ñ"; done');
    expect(await service.translate("one")).toBe("1 one ñ");
    expect(await service.translate("two")).toBe("2 two ñ");
  });

  it.each([
    ["hangs", ["read -r line; sleep 60"], "no answer within 0.5 s"],
    ["ends", ["exit 3"], "it ended with code 3"],
    ["writes two lines", ['read -r line; printf "a\\nb\\n"; sleep 60'], "more than one line"],
    ["floods", ["exec yes x | tr -d '\\n'"], "it|more than"],
    ["writes no UTF-8", ['read -r line; printf "\\377\\n"; sleep 60'], "not UTF-8"],
    ["writes nothing", ['while read -r line; do echo ""; done'], "its answer is empty"],
    ["writes a book", ["read -r line; head -c 9000 /dev/zero | tr '\\0' x; echo; sleep 60"], "much longer"],
  ])("that %s fails with the reason, and is started again", async (_, lines, why) => {
    const service = open(...lines);
    await expect(service.translate("hello")).rejects.toThrow(new RegExp(why));
    await expect(service.translate("hello")).rejects.toThrow(new RegExp(why));
  });

  it("that is dead is not started at once again and again", async () => {
    const service = openTranslationCommand({ program: program("exit 1"), pausesMs: [60_000] });
    running.push(service);
    await expect(service.translate("hello")).rejects.toThrow("code 1");
    const before = performance.now();
    for (let again = 0; again < 50; again++) await expect(service.translate("hello")).rejects.toThrow("code 1");
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it("that is not there is named", async () => {
    const service = openTranslationCommand({ program: "/nowhere/translate", pausesMs: [0] });
    await expect(service.translate("hello")).rejects.toThrow("it cannot be started: ");
  });
});

describe("a server", () => {
  async function serve(listener: RequestListener) {
    const server: Server = createServer(listener).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    running.push({
      async stop() {
        server.close();
        server.closeAllConnections();
      },
    });
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return openTranslationServer({ url, source: "en", target: "es", withinMs: 500 });
  }

  it("is asked as LibreTranslate is", async () => {
    let asked = "";
    const service = await serve(async (request, response) => {
      asked = `${request.method} ${request.url} `;
      for await (const part of request.setEncoding("utf8")) asked += part;
      response.end(JSON.stringify({ translatedText: "Hola\n a todos", detectedLanguage: {} }));
    });
    expect(await service.translate("Hello all")).toBe("Hola a todos");
    expect(asked).toBe('POST /translate {"q":"Hello all","source":"en","target":"es","format":"text"}');
  });

  it.each<[string, RequestListener, string]>([
    [
      "refuses the language",
      (_, response) => void response.writeHead(400).end('{"error":"es is not supported"}'),
      "status 400: es is not supported",
    ],
    ["answers no JSON", (_, response) => void response.end("<html>"), "not LibreTranslate's"],
    ["answers another type", (_, response) => void response.end('{"translatedText":["a"]}'), "not LibreTranslate's"],
    ["answers nothing", (_, response) => void response.end('{"translatedText":" \\n"}'), "its answer is empty"],
    ["answers a book", (_, response) => void response.end(`{"translatedText":"${"x".repeat(9000)}"}`), "much longer"],
    ["floods", (_, response) => void response.end(Buffer.alloc(2_000_000, 120)), "longer than 16384 bytes"],
    ["never answers", () => {}, "no answer within 0.5 s"],
    [
      "answers byte by byte",
      (_, response) => {
        const drip = setInterval(() => response.write("x"), 50);
        response.on("close", () => clearInterval(drip));
      },
      "no answer within 0.5 s",
    ],
    ["hangs up", (request) => void request.destroy(), "ECONNRESET|closed|socket"],
    [
      "leads elsewhere",
      (_, response) => void response.writeHead(307, { Location: "http://127.0.0.1:1/" }).end(),
      "status 307",
    ],
  ])("that %s fails with the reason", async (_, listener, why) => {
    const service = await serve(listener);
    await expect(service.translate("hello")).rejects.toThrow(new RegExp(why));
  });
});

describe("a translator on the command line", () => {
  it.each([
    ["http://127.0.0.1:5000", "http://127.0.0.1:5000, on this host"],
    ["http://[::1]:5000", "http://[::1]:5000, on this host"],
    ["remote:https://translate.example.org/api/", "https://translate.example.org, beyond this host"],
    ["command:/usr/bin/translate", "the program /usr/bin/translate, on this host"],
  ])("%s is one: what is said goes to %s", (text, where) => {
    const service = translator();
    const source = startTranslationSource({
      ...{ language: "es", from: "en", translator: readTranslator(text), service },
      ...{ onCommitted: () => {}, say: () => {} },
    });
    running.push(source);
    expect(source.goesTo).toBe(where);
  });

  it.each([
    ["https://translate.example.org", "would leave this host"],
    ["http://127.0.0.1.example.org", "would leave this host"],
    ["http://10.0.0.2:5000", "would leave this host"],
    ["remote:http://translate.example.org", "expected https://"],
    ["remote:https://user:word@translate.example.org", "without user"],
    ["command:translate", "whole path"],
    ["translate", "expected http://127.0.0.1:PORT"],
    ["file:///etc/passwd", "expected http://127.0.0.1:PORT"],
  ])("%s is refused", (text, why) => expect(() => readTranslator(text)).toThrow(why));
});

describe("apertium", needs(hasApertium, "apertium → apt-get install apertium apertium-eng-spa"), () => {
  it("translates English into Spanish, sentence by sentence", async () => {
    const service = openTranslationCommand({
      program: program('while read -r line; do printf "%s\\n" "$line" | apertium -u eng-spa; done'),
    });
    const { commit, source } = track(service);
    await until(() => source.isReady);
    commit(said(0, "Good", "morning."));
    commit(said(1, "The", "house", "is", "big."));
    await until(() => source.figures.translated === 2);
    const words = [0, 1, 2].flatMap((number) => source.commit(segment(number)).map(({ text }) => text));
    expect(words.join(" ")).toBe("Buenos días. La casa es grande.");
  }, 60_000);
});
