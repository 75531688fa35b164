import { muttTests } from "./support/mutt.ts";

muttTests("mutt");
