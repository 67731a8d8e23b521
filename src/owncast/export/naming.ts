import type { FoundSecret, SecretNaming } from "../../../codegen/schema/core/registry.ts";

/**
 * Gives each found secret the name that it asks for, or that name with a number, and notes it in `found`.
 * @param taken names that other settings' secrets have
 */
export const naming =
  (taken: ReadonlySet<string>, found: FoundSecret[]): SecretNaming =>
  (secret) => {
    const isFree = (name: string) => !taken.has(name) && !found.some((other) => other.name === name);
    let { name } = secret;
    for (let number = 2; !isFree(name); number++) name = `${secret.name}-${number}`;
    found.push({ ...secret, name });
    return { secret: name };
  };
