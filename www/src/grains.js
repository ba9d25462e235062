// @ts-check
// Grains of gold in the chambers of a sluice: how many lie where, and how they roll from one to the next.

/** The most grains of a chamber; where more events are, each grain stands for several. */
export const MOST = 1_000;
/** Pixels between two grains, the largest that fits. */
const PITCHES = [13, 10, 7.5, 5.6, 4.2, 3.2, 2.5, 2];
/** How flat a heap is: a column this far from the middle is one row lower. */
const SLOPE = 0.34;
const ROLL_MS = 420;
/** Each chamber that is passed takes a little longer. */
const MORE_MS = 130;
/** Grains of one step start within this time, so that they come as a stream. */
const SPREAD_MS = 260;

/** The chamber of what is delivered. */
const DELIVERED = 3;
/** The most grains that roll at once onto a heap that is full. */
const FLOOD = 150;

/** @typedef {{ left: number, right: number, floor: number, top: number }} Chamber */
/** @typedef {{ lane: number, x: number, y: number, fromX: number, fromY: number, toX: number, toY: number, since: number, takes: number, hops: number, adopted: boolean }} Grain */

/** Places in a chamber, in the order in which a heap grows. @param {Chamber} chamber @param {number} pitch */
function heap({ left, right, floor, top }, pitch) {
  const columns = Math.max(1, Math.floor((right - left) / pitch));
  const rows = Math.max(1, Math.floor((floor - top) / pitch));
  const middle = (left + right) / 2;
  const places = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const aside = column - (columns - 1) / 2;
      const shift = row % 2 ? 0.25 : -0.25;
      places.push({
        x: middle + (aside + shift + Math.sin(column * 12.9 + row * 78.2) * 0.16) * pitch,
        y: floor - (row + 0.5) * pitch * 0.92,
        height: row + Math.abs(aside) * SLOPE,
      });
    }
  }
  return places.sort((one, other) => one.height - other.height).slice(0, MOST);
}

export class Grains {
  /** @type {Grain[][]} those of each chamber, the lowest first */
  lanes = [];
  /** @type {ReturnType<typeof heap>[]} */
  #places = [];
  /** @type {Chamber[]} */
  #chambers = [];
  #delivered = 0;
  pitch = PITCHES[0];
  /** Events for each grain. */
  each = 1;
  /** Whether nothing moves, for whoever wants less motion. */
  isStill = false;
  /** When the last grain has come to rest. */
  restsAt = 0;

  /** @param {Chamber[]} chambers */
  resize(chambers) {
    this.#chambers = chambers;
    this.pitch = 0;
    while (this.lanes.length < chambers.length) this.lanes.push([]);
    this.#fit(this.lanes.map((lane) => lane.length));
    for (const [lane, grains] of this.lanes.entries()) {
      grains.forEach((grain, at) => this.#send(grain, lane, at, 0, true));
    }
  }

  /** The largest grains that fit into each chamber. @param {number[]} counts */
  #fit(counts) {
    const fits = (pitch) =>
      this.#chambers.every(({ left, right, floor, top }, lane) => {
        const room = Math.floor((right - left) / pitch) * Math.floor((floor - top) / pitch / 0.92);
        return counts[lane] <= room * 0.62;
      });
    const pitch = PITCHES.find(fits) ?? PITCHES[PITCHES.length - 1];
    if (pitch === this.pitch) return;
    this.pitch = pitch;
    this.#places = this.#chambers.map((chamber) => heap(chamber, this.pitch));
  }

  /** @param {Grain} grain */
  #send(grain, lane, at, now, atOnce) {
    const places = this.#places[lane];
    const place = places[Math.min(at, places.length - 1)];
    const passed = Math.abs(lane - grain.lane);
    Object.assign(grain, { lane, fromX: grain.x, fromY: grain.y, toX: place.x, toY: place.y });
    grain.hops = passed;
    grain.since = now + (passed ? Math.random() * SPREAD_MS : 0);
    grain.takes = ROLL_MS + passed * MORE_MS;
    if (atOnce || this.isStill) {
      [grain.x, grain.y, grain.takes] = [place.x, place.y, 0];
    } else this.restsAt = Math.max(this.restsAt, grain.since + grain.takes);
  }

  /** Moves grains until each chamber has as many as it should. @param {number[]} events of each chamber @param {number} adopted how many new ones another tab had @param {number} now */
  settle(events, adopted, now) {
    const arrived = events[DELIVERED] - this.#delivered;
    this.#delivered = events[DELIVERED];
    // A power of two, so that it seldom changes.
    const needed = Math.max(...events.slice(0, DELIVERED), 1) / MOST;
    const each = 2 ** Math.max(0, Math.ceil(Math.log2(needed)));
    // Grains that stand for more or fewer events than before are others, and have not come rolling.
    const isRecount = each !== this.each;
    this.each = each;
    const counts = events.map((count) => Math.min(MOST, Math.ceil(count / this.each)));
    const before = this.pitch;
    this.#fit(counts);
    if (this.pitch !== before) {
      this.lanes.forEach((grains, lane) =>
        grains.forEach((grain, at) => this.#send(grain, lane, at, now, false)),
      );
    }
    // What is too many in one chamber goes on to the next that has too few.
    const spare = this.lanes.flatMap((grains, lane) => grains.splice(counts[lane]));
    for (const [lane, count] of [...counts.entries()].reverse()) {
      while (this.lanes[lane].length < count) {
        const grain = spare.shift() ?? this.#enter(adopted-- > 0);
        this.#send(grain, lane, this.lanes[lane].length, now, isRecount);
        this.lanes[lane].push(grain);
      }
    }
    // A heap that is full shows its newest.
    const full = this.lanes[DELIVERED];
    if (full.length < MOST || isRecount) return;
    for (let left = Math.min(arrived, FLOOD); left > 0; left -= 1) {
      const at = Math.floor(Math.random() * MOST);
      full[at] = spare.shift() ?? this.#enter(adopted-- > 0);
      this.#send(full[at], DELIVERED, at, now, false);
    }
  }

  #enter(adopted) {
    const { left, top } = this.#chambers[0];
    const grain = { lane: -1, x: left - 24, y: top, adopted };
    return /** @type {Grain} */ (grain);
  }

  /** Where everything is at this moment. @param {number} now */
  step(now) {
    for (const grain of this.lanes.flat()) {
      if (!grain.takes) continue;
      const part = Math.min(1, Math.max(0, (now - grain.since) / grain.takes));
      const eased = part < 0.5 ? 2 * part * part : 1 - (2 - 2 * part) ** 2 / 2;
      grain.x = grain.fromX + (grain.toX - grain.fromX) * eased;
      const hop = grain.hops ? Math.abs(Math.sin(Math.PI * eased * grain.hops)) * 26 : 0;
      grain.y = grain.fromY + (grain.toY - grain.fromY) * eased - hop;
      if (part === 1) grain.takes = 0;
    }
  }
}
