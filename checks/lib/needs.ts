/** Options of a test or a group of tests: skipped unless `isHere` holds, and then the summary names what is missing and the command that brings it. */
export const needs = (isHere: boolean, what: string, command: string) => ({
  skip: !isHere,
  meta: { lacks: `no ${what} → ${command}` },
});

declare module "vitest" {
  interface TaskMeta {
    lacks?: string;
  }
}
