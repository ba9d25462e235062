import segment from "./segment.js";
// Segment's default strategy: one keepalive request per event; the only one whose unsent events go to localStorage.
export default (o) => segment(o, { strategy: "standard", config: { keepalive: true } });
