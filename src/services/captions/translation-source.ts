import { reasonOf } from "../../lib/error-cause.ts";
import { Sentences } from "./sentences.ts";
import type { CaptionSource, Committed, Segment, StageSeconds, TimedWord } from "./source.ts";
import { openTranslationCommand } from "./translation-command.ts";
import { openTranslationServer } from "./translation-server.ts";
import { goesTo, type TranslationService, type Translator } from "./translator.ts";
import { WrittenPages } from "./written-pages.ts";

/** So many sentences in a row fail before the track is not offered any more. */
const mostFailures = 3;
/** A translator that is this far behind translates what nobody will see beside its picture. */
const mostWaiting = 12;
const mostWaitingPages = 30;
const tryAgainMs = [1000, 2000, 5000, 10_000] as const;
/** What an idle translator is asked, to learn whether it works. */
const probe = "OK.";

/** A track of another track's words, translated. */
export interface TranslationSource extends CaptionSource {
  /** Where the text goes, for an operator. */
  readonly goesTo: string;
  readonly figures: TranslationFigures;
}

/** What became of the sentences. */
export interface TranslationFigures {
  readonly translated: number;
  /** The translator failed. */
  readonly failed: number;
  /** The translator was too slow. */
  readonly dropped: number;
}

export interface TranslationSourceOptions {
  /** The language of the translation. */
  readonly language: string;
  /** The language of the track that is translated. */
  readonly from: string;
  readonly translator: Translator;
  /** Registers a listener for what the translated track commits. */
  readonly onCommitted: (listener: (committed: Committed) => void) => void;
  /** Whether the translated track is ready; left out: it always is. */
  readonly isFromReady?: () => boolean;
  readonly say: (line: string) => void;
  /** Tests bring their own, and shorten the times. */
  readonly service?: TranslationService;
  readonly tryAgainMs?: readonly number[];
}

/** Starts a track that shows each sentence of another track, translated, in the first segment that is still to be committed. */
export function startTranslationSource(options: TranslationSourceOptions): TranslationSource {
  return new TranslatedTrack(options);
}

class TranslatedTrack implements TranslationSource {
  readonly goesTo: string;
  readonly #options: TranslationSourceOptions;
  readonly #service: TranslationService;
  #sentences: Sentences;
  #pages: WrittenPages;
  readonly #waiting: string[] = [];
  #isWorking = false;
  #isStopped = false;
  #works = false;
  #fault = "it is not known yet whether the translator works";
  #failures = 0;
  #attempts = 0;
  #retry: NodeJS.Timeout | undefined;
  #fromEnd: StageSeconds = Number.NEGATIVE_INFINITY;
  #settled: StageSeconds = Number.NEGATIVE_INFINITY;
  #counts = { translated: 0, failed: 0, dropped: 0 };

  constructor(options: TranslationSourceOptions) {
    this.#options = options;
    this.goesTo = goesTo(options.translator);
    this.#service = options.service ?? open(options);
    this.#sentences = new Sentences(options.from);
    this.#pages = new WrittenPages(options.language);
    options.onCommitted((committed) => this.#hearOther(committed));
    void this.#probe();
  }

  get isReady(): boolean {
    return this.fault === undefined;
  }

  get fault(): string | undefined {
    const { isFromReady = () => true, from } = this.#options;
    if (!this.#works) return this.#fault;
    return isFromReady() ? undefined : `the track ${from}, which it translates, has no words`;
  }

  get figures(): TranslationFigures {
    return this.#counts;
  }

  hear(): void {}

  /** As far as the other track is committed, unless a sentence of it is being translated. */
  settled(): StageSeconds {
    if (!this.#isBusy) this.#settled = this.#fromEnd;
    return this.#settled;
  }

  commit(segment: Segment): readonly TimedWord[] {
    return this.#pages.commit(segment);
  }

  endSession(): void {
    this.#sentences = new Sentences(this.#options.from);
    // A sentence that is being translated goes to the pages of its own stream.
    this.#pages = new WrittenPages(this.#options.language);
    this.#waiting.length = 0;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    await this.#service.stop();
  }

  get #isBusy(): boolean {
    return this.#works && (this.#isWorking || this.#waiting.length > 0);
  }

  #hearOther(committed: Committed): void {
    const sentences = this.#sentences.add(committed);
    // Settled before the sentence, and after it once it is translated.
    this.settled();
    this.#fromEnd = committed.segment.end;
    // While the translator does not work, what is said is lost for this track, which is not offered.
    if (!this.#works) return;
    this.#waiting.push(...sentences);
    while (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#counts.dropped += 1;
    }
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined && !this.#isStopped; next = this.#waiting.shift())
        await this.#translate(next);
    } finally {
      this.#isWorking = false;
    }
  }

  async #translate(sentence: string): Promise<void> {
    const pages = this.#pages;
    try {
      const text = await this.#service.translate(sentence);
      this.#failures = 0;
      if (pages.count < mostWaitingPages) {
        this.#counts.translated += 1;
        pages.add(text, Number.NEGATIVE_INFINITY);
      } else this.#counts.dropped += 1;
    } catch (error) {
      if (this.#isStopped) return;
      this.#counts.failed += 1;
      this.#failures += 1;
      if (this.#failures >= mostFailures) this.#givesUp(reasonOf(error));
    }
  }

  /** The track is not offered until the translator works again. */
  #givesUp(why: string): void {
    this.#works = false;
    this.#waiting.length = 0;
    this.#say(`has a fault: ${why}; this service tries again by itself`);
    this.#again(why);
  }

  #again(why: string): void {
    const times = this.#options.tryAgainMs ?? tryAgainMs;
    this.#fault = why;
    this.#retry = setTimeout(() => void this.#probe(), times[Math.min(this.#attempts, times.length - 1)]);
    this.#attempts += 1;
  }

  async #probe(): Promise<void> {
    try {
      await this.#service.translate(probe);
      if (this.#isStopped) return;
      if (this.#attempts > 0) this.#say("works");
      [this.#works, this.#attempts, this.#failures] = [true, 0, 0];
    } catch (error) {
      if (this.#isStopped) return;
      if (this.#attempts === 0) this.#say(`has a fault: ${reasonOf(error)}; this service tries again by itself`);
      this.#again(reasonOf(error));
    }
  }

  #say(words: string): void {
    const { from, language, say } = this.#options;
    say(`the translator from ${from} to ${language} (${this.goesTo}) ${words}`);
  }
}

function open({ translator, from, language }: TranslationSourceOptions): TranslationService {
  return translator.kind === "command"
    ? openTranslationCommand({ program: translator.program })
    : openTranslationServer({ url: translator.url, source: from, target: language });
}
