import assert from "node:assert/strict";
import { HandlePool } from "../../store/sqlite/handlepool.ts";

class Handle {
  closed = false;
  constructor(readonly pool: HandlePool, readonly lastUsed: number, readonly written: boolean) {
    pool.opened(this);
  }
  idle(): void {
    this.closed = true;
    this.pool.closed(this);
  }
}

const later = () => performance.now() + 60_000;

Deno.test("of the databases that were only read, the one unused for longest gives way", () => {
  const pool = new HandlePool(10, 2);
  const base = later();
  const written = new Handle(pool, base, true);
  const [first, second, third] = [1, 2, 3].map((age) => new Handle(pool, base + age, false));
  assert.deepEqual([written, first, second, third].map(({ closed }) => closed), [false, true, false, false]);
  for (const handle of [written, second, third]) handle.idle();
});

Deno.test("there are never more open databases than the limit", () => {
  const pool = new HandlePool(3, 3);
  const base = later();
  const handles = Array.from({ length: 6 }, (_, age) => new Handle(pool, base + age, true));
  assert.deepEqual(handles.map(({ closed }) => closed), [true, true, true, false, false, false]);
  for (const handle of handles.slice(3)) handle.idle();
});
