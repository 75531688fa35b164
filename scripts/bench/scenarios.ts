/** All that is measured, in the order of measuring: what deletes many files comes last. */
import { append } from "./scenarios/append.ts";
import { copy } from "./scenarios/copy.ts";
import { fetchBodies } from "./scenarios/fetchbodies.ts";
import { fetchEnvelope } from "./scenarios/fetchenvelope.ts";
import { fetchFlags } from "./scenarios/fetchflags.ts";
import { fetchHeaders } from "./scenarios/fetchheaders.ts";
import { handshakeMemory } from "./scenarios/handshakememory.ts";
import { handshakes } from "./scenarios/handshakes.ts";
import { hashes } from "./scenarios/hashes.ts";
import { idleFanout } from "./scenarios/idlefanout.ts";
import { idleMemory } from "./scenarios/idlememory.ts";
import { logins } from "./scenarios/logins.ts";
import { mixed } from "./scenarios/mixed.ts";
import { resync } from "./scenarios/resync.ts";
import { search } from "./scenarios/search.ts";
import { selectLarge } from "./scenarios/select.ts";
import { store } from "./scenarios/store.ts";
import type { Scenario } from "./run.ts";

export const SCENARIOS: readonly Scenario[] = [
  handshakes,
  logins,
  hashes,
  handshakeMemory,
  append,
  selectLarge,
  fetchFlags,
  fetchEnvelope,
  fetchHeaders,
  fetchBodies,
  search,
  store,
  idleFanout,
  idleMemory,
  mixed,
  resync,
  copy,
];
