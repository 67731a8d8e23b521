/** What the set-up says about a thing that only one lane takes. Throws when it did not run. */
export function named(variable: string, lane = "systemd"): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: run this lane by \`npm run test:${lane}\``);
  return value;
}
