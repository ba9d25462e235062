// @ts-check
// What the small app has to say.

/** @typedef {{ title: string, text: string }} View */

/** @type {Record<string, View>} */
export const PAGES = {
  home: {
    title: "Nugget Radio",
    text: "Songs worth digging for. Pan through the stream and keep what glitters.",
  },
  pricing: {
    title: "One coin a month",
    text: "Or free, with the sound of running water in between. Leave whenever you like.",
  },
  docs: {
    title: "How to pan",
    text: "Dip the pan, shake gently, tilt, look for what is left at the bottom. Repeat.",
  },
};

/** @type {Record<string, View>} */
export const SCREENS = {
  player: {
    title: "Pay Dirt",
    text: "The Riffles, from the album Tailings. 3:42, mostly banjo.",
  },
  settings: {
    title: "Settings",
    text: "Water: running. Gate: open. Sound: as loud as the neighbours allow.",
  },
  welcome: {
    title: "Welcome to the river",
    text: "You have signed up for nothing at all, but the event is real.",
  },
};
