// Somebody who edits at random in a page, by the events of its own controls: `playBoard` at moim's own
// board, `playPanel` in a panel of examples/board. Each gives how many edits of each sort it has made.
// Cards whose title begins with ✋ are somebody else's.

const SORTS = { create: 15, rename: 29, move: 24, priority: 9, due: 8, remove: 15 };
const PATIENCE_MS = 20_000;

function chance(seed) {
  let state = seed >>> 0; // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (count) => Math.floor(next() * count);
  return { below, one: (things) => things[below(things.length)] };
}

function sortOf(random) {
  let left = random.below(Object.values(SORTS).reduce((sum, weight) => sum + weight));
  for (const [sort, weight] of Object.entries(SORTS)) {
    if (left < weight) return sort;
    left -= weight;
  }
}

const frame = () => new Promise(requestAnimationFrame);
const turn = () => new Promise((done) => setTimeout(done));

async function found(look, what) {
  const endsAt = performance.now() + PATIENCE_MS;
  while (performance.now() < endsAt) {
    const thing = look();
    if (thing) return thing;
    await turn();
  }
  throw new Error(`no ${what}`);
}

// React hears of a value only when it was not set by its own setter
function fill(field, value) {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const press = (place, key, code = key) =>
  place.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));

const day = (random) => `2031-0${1 + random.below(9)}-${10 + random.below(19)}`;
const PRIORITIES = ["low", "medium", "high", "urgent"];

// an edit whose card was deleted under it is none, and another one is made
async function play(hands, { seed, edits, name }) {
  const random = chance(seed);
  const made = {};
  for (let number = 0; number < edits; ) {
    const sort = sortOf(random);
    if (await hands[sort](random, `${name} ${seed}.${number}`)) {
      made[sort] = (made[sort] ?? 0) + 1;
      number += 1;
    }
    for (let frames = 1 + random.below(2); frames > 0; frames -= 1) await frame();
  }
  return made;
}

function playBoard(told) {
  const all = (hook) => [...document.querySelectorAll(`[data-moim="${hook}"]`)];
  const own = (card) => !card.querySelector(".card-title")?.textContent.startsWith("✋");
  const some = (random) => random.one(all("card").filter(own))?.dataset.id;
  const card = (id) => document.querySelector(`[data-moim="card"][data-id="${id}"]`);
  const isGone = (id) => card(id) === null;
  const fields = async (id) => {
    if (isGone(id)) return null;
    press(card(id), "e", "KeyE");
    return found(() => isGone(id) || document.querySelector(".card-pop fieldset"), "fields");
  };
  const hands = {
    create: async (random, title) => {
      const column = random.one(all("column"));
      // it closes when the focus goes elsewhere, as it does a frame after a card was renamed
      const open = () => column.querySelector("button.add")?.click();
      const field = await found(
        () => column.querySelector(".quick-add input") ?? open(),
        "field for cards",
      );
      field.value = title;
      press(field, "Enter");
      press(field, "Escape");
      return true;
    },
    rename: async (random, title) => {
      const id = some(random);
      if (id === undefined) return false;
      press(card(id), "F2");
      const field = await found(() => isGone(id) || card(id).querySelector(".name-field"), "title");
      if (field === true) return false;
      field.value = title;
      press(field, "Enter");
      return true;
    },
    move: async (random) => {
      const id = some(random);
      if (id === undefined) return false;
      const columns = all("column");
      const at = columns.indexOf(card(id).closest('[data-moim="column"]'));
      press(card(id), " ");
      await turn();
      const aim = at === columns.length - 1 ? "ArrowLeft" : "ArrowRight";
      const steps = [aim, ...[[], ["ArrowUp"], ["ArrowDown"]][random.below(3)], " "];
      for (const key of steps) {
        if (isGone(id)) return false;
        press(card(id), key);
        await turn();
      }
      return !isGone(id);
    },
    priority: async (random) => {
      const id = some(random);
      if (id === undefined) return false;
      const place = await fields(id);
      if (!place?.querySelectorAll) return false;
      random.one([...place.querySelectorAll('[data-field="priority"] button')]).click();
      return true;
    },
    due: async (random) => {
      const id = some(random);
      if (id === undefined) return false;
      const place = await fields(id);
      if (!place?.querySelectorAll) return false;
      fill(place.querySelector('[data-field="due"] input'), day(random));
      return true;
    },
    remove: async (random) => {
      const id = some(random);
      if (id === undefined) return false;
      press(card(id), "Delete");
      return true;
    },
  };
  return play(hands, told);
}

function playPanel(panel, told) {
  const place = document.querySelector(`[data-panel="${panel}"]`);
  const change = (field, value) => {
    if (!field || field.value === value) return false;
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };
  const own = (card) => !card.querySelector("input").value.startsWith("✋");
  const some = (random) => random.one([...place.querySelectorAll(".card")].filter(own));
  const hands = {
    create: (random, title) => {
      const form = random.one([...place.querySelectorAll(".column form")]);
      form.querySelector("input").value = title;
      form.requestSubmit();
      return true;
    },
    rename: (random, title) => change(some(random)?.querySelector("input"), title),
    move: (random) => {
      const field = some(random)?.querySelector("select");
      return change(field, random.one([...(field?.options ?? [])])?.value);
    },
    priority: (random) =>
      change(some(random)?.querySelectorAll("select")[1], random.one(["", ...PRIORITIES])),
    due: (random) => change(some(random)?.querySelector('input[type="date"]'), day(random)),
    remove: (random) => {
      const card = some(random);
      card?.querySelector("button").click();
      return card !== undefined;
    },
  };
  return play(hands, told);
}

Object.assign(window, { playBoard, playPanel });
