import { loadSeed } from "../../codegen/load/load-seed.ts";
import { findStage } from "../host/installed-stages.ts";
import { readToken, setTitle, titleTokenFile } from "../host/set-title.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { examples, type Verb } from "./verb.ts";

interface TitleOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** `lectern title`: the title of the running stream on the page. It is not part of the configuration. */
export const verb: Verb<TitleOptions> = {
  configure(command) {
    command
      .argument("<words...>", 'a stage of this host and the title; with --url only the title; "" clears it')
      .option("--url <url>", "Owncast's address or the stage's page, instead of a stage of this host")
      .option("--token-file <file>", "with --url: a file that holds an access token with the scope admin")
      .option("--json", "print what was set as JSON")
      .addHelpText(
        "after",
        `\nViewers see it at once, and a message in the chat says so. It stays until it is set again: apply does not change it.\n${examples(
          'lectern title main "Questions and answers"',
          'lectern title --url https://live.example.org --token-file tokens/title "Questions and answers"',
        )}`,
      );
  },
  async run(words, options) {
    const { url, tokenFile, title } = await whereTo(words, options);
    await setTitle(url, await readToken(tokenFile), title);
    const done = title === "" ? "the title is cleared" : "the title is set";
    process.stdout.write(options.json ? `${JSON.stringify({ url, title }, null, 2)}\n` : `${done}\n`);
    return ExitCode.done;
  },
};

async function whereTo(words: readonly string[], { url, tokenFile }: TitleOptions) {
  const [first = "", second = "", ...more] = words;
  if (url === undefined && tokenFile === undefined && words.length === 2) {
    const stage = await findStage(first);
    return { url: stage.owncastUrl, tokenFile: titleTokenFile(stage, await loadSeed(stage.seed)), title: second };
  }
  if (url !== undefined && tokenFile !== undefined && words.length === 1) {
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return { url, tokenFile, title: first };
    throw new CliError(ExitCode.usage, `--url ${url}: expected an address such as https://live.example.org`);
  }
  throw new CliError(
    ExitCode.usage,
    more.length > 0 ? "the title is several words: put it in quotes" : "expected a stage and a title",
    'lectern title STAGE "…", or lectern title --url URL --token-file FILE "…"',
  );
}
