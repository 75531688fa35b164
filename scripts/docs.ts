/** Writes the pages of docs/ that are made from the code. */
import { referencePage } from "../server/config/describe.ts";
import { commandsPage } from "./commandspage.ts";
import { extensionsPage } from "./extensionspage.ts";
import { metricsPage } from "./metricspage.ts";

const docs = new URL("../docs/", import.meta.url);
Deno.writeTextFileSync(new URL("configuration.md", docs), referencePage());
Deno.writeTextFileSync(new URL("extensions.md", docs), extensionsPage());
Deno.writeTextFileSync(new URL("commands.md", docs), commandsPage());
Deno.writeTextFileSync(new URL("metrics.md", docs), await metricsPage());
