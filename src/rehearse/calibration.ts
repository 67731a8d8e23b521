import { fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSmallText } from "../lib/small-file.ts";
import { type Costs, costs } from "./costs.ts";

/** A machine's measured costs, from a file of `npm run bench -- calibrate`. Throws CliError 65, which names what is wrong. */
export async function loadCalibration(file: string): Promise<Costs> {
  const text = await readSmallText(file).catch((error: unknown) => {
    throw refused(`${file}: cannot be read (${fileFault(error)})`);
  });
  const result = costs.safeParse(parse(file, text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join(".") || "the file";
  throw refused(`${file}: ${place}: ${issue?.message ?? "not what was expected"}`);
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused(`${file}: this is not JSON`);
  }
}

const refused = (message: string): CliError =>
  new CliError(ExitCode.badInput, message, "make a new one: npm run bench -- calibrate");
