import { z } from "zod";
import { reasonOf } from "../../lib/error-cause.ts";
import { fetchWhole } from "../../lib/fetch-whole.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { mostAnswerBytes, plausible, type TranslationService, translatesWithinMs } from "./translator.ts";

const answered = z.object({ translatedText: z.string() });
const refused = z.object({ error: z.string() });
const shownCharacters = 200;

/** Which server, and from what language to what. */
export interface TranslationServerOptions {
  readonly url: URL;
  /** The languages as the server names them. */
  readonly source: string;
  readonly target: string;
  /** Tests shorten it. */
  readonly withinMs?: number;
}

/** A server of LibreTranslate's HTTP API. */
export function openTranslationServer(options: TranslationServerOptions): TranslationService {
  const { url, source, target, withinMs = translatesWithinMs } = options;
  const at = new URL("translate", url.href.endsWith("/") ? url : `${url}/`);
  const stopped = new AbortController();
  return {
    async translate(sentence) {
      const body = JSON.stringify({ q: sentence, source, target, format: "text" });
      const headers = { "Content-Type": "application/json", Accept: "application/json" };
      const request = { method: "POST", headers, body, signal: stopped.signal, maxBytes: mostAnswerBytes } as const;
      const answer = await fetchWhole(at, { ...request, seconds: withinMs / 1000 }).catch((error: Error) => {
        throw new Error(error.name === "TimeoutError" ? `no answer within ${withinMs / 1000} s` : reasonOf(error));
      });
      return answerOf(answer.status, answer.body.toString("utf8"), sentence);
    },
    async stop() {
      stopped.abort();
    },
  };
}

function answerOf(status: number, text: string, sentence: string): string {
  const json = parseJson(text);
  const { data } = answered.safeParse(json);
  if (status === 200 && data) return plausible(data.translatedText, sentence);
  const says = refused.safeParse(json).data?.error ?? "its answer is not LibreTranslate's";
  throw new Error(`status ${status}: ${says.slice(0, shownCharacters).replace(/[\p{Cc}\s]+/gu, " ")}`);
}
