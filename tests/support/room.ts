/**
 * Runs all test files of a room in one module graph. Deno loads all that a test file imports anew for each file, which for rooms of many
 * small ones takes longer than their tests do.
 */

/** @param name a directory of tests */
export async function room(name: string): Promise<void> {
  for (const file of [...testFiles(new URL(`../${name}/`, import.meta.url))].sort()) await import(file);
}

function* testFiles(directory: URL): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    if (isDirectory) yield* testFiles(new URL(`${name}/`, directory));
    else if (name.endsWith(".test.ts")) yield new URL(name, directory).href;
  }
}
