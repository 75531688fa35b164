import { room } from "../support/room.ts";

await room("wire");
