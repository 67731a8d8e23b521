/**
 * Options of a test or a group of tests: skipped unless `isHere` holds. The summary then says what it needs, as in
 * `needs nixfmt → npm run setup`: `lack` is the thing and the command that brings it.
 */
export const needs = (
  isHere: boolean,
  lack: string,
): { readonly skip?: true; readonly meta?: { readonly lacks: string } } =>
  // A test that is left out for another reason has no lack. Vitest would run a test of `test.runIf(false)` if its options said
  // `skip: false`.
  isHere ? {} : { skip: true, meta: { lacks: `needs ${lack}` } };

declare module "vitest" {
  interface TaskMeta {
    lacks?: string;
  }
}
