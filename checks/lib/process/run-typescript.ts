// The code under test starts copies of this program with its flags (src/local/), so the flags must make Node run TypeScript.
// vitest needs no tsx itself: loading it here would cost each test file 0.4 s.
process.execArgv.push("--import", "tsx");
