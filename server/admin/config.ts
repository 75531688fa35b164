/** `roost config`: what is wrong with the configuration, and what could stand in it. */
import { checkConfig } from "../config/check.ts";
import { exampleFile, jsonSchema } from "../config/describe.ts";
import { ConfigError, formatFault, loadConfig } from "../config/load.ts";

/** Prints warnings and "configuration is valid". @throws {ConfigError} with all faults @returns the exit code */
export async function configCheck(file: string | undefined, { ports }: { ports: boolean }): Promise<number> {
  const loaded = loadConfig(file);
  const { faults, warnings } = await checkConfig(loaded, { ports });
  for (const warning of warnings) console.error(`roost: warning: ${formatFault(file, warning)}`);
  if (faults.length > 0) throw new ConfigError(file, faults);
  console.log("configuration is valid");
  return 0;
}

export function configExample(): void {
  console.log(exampleFile().trimEnd());
}

export function configSchemaText(): void {
  console.log(JSON.stringify(jsonSchema(), undefined, 2));
}
