import type { z } from "zod";
import { CliError, ExitCode } from "../../lib/errors.ts";
import type { OwncastClient } from "./client.ts";

/** Reads an address of the server as JSON of this shape. Throws CliError 69 for any other, besides what `read` throws. */
export async function readAs<Shape extends z.ZodType>(
  client: OwncastClient,
  path: string,
  shape: Shape,
): Promise<z.output<Shape>> {
  const { data, error } = shape.safeParse(await client.read(path));
  if (error === undefined) return data;
  const [issue] = error.issues;
  throw notOwncasts(`${path}: ${issue?.path.join(".") || "the answer"}: ${issue?.message}`);
}

/** Something answers JSON, and not as Owncast does. `where` names the place, and nothing that the server said. */
export const notOwncasts = (where: string, cause?: unknown): CliError =>
  new CliError(
    ExitCode.unreachable,
    `the server does not answer as Owncast does: ${where}`,
    "is --url Owncast's own address, and is its version one that Lectern knows?",
    { cause },
  );
