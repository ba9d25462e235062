// What is asked of a stream server. `date` is in seconds since 1970.

const FRIEND = { kind: "friend", user: 291, friend: 23 };
const items = (query) => ["items", query];

/** As the server answers: the id is echoed. */
const answer =
  (more, status = 200) =>
  ({ json }) => ({ status, body: { id: json?.id ?? null, result: null, error: null, ...more } });

const TRACE = 'Traceback (most recent call last):\n  File "x.py"\nAttributeError: zzz\n';

export const scenarios = [
  {
    name: "events are inserted",
    answers: answer({ result: "5eff0fc3-0944-11de-8c30-001b63b4bb8d" }),
    calls: [
      ["insert", FRIEND],
      [
        "insert",
        { kind: ["a", "b"], user: 5, text: "hé 😀", deep: { none: null, list: [1.5, []] } },
      ],
      ["insert", {}],
      ["insert", FRIEND, 1000],
      ["insert", FRIEND, 1257894000.5],
    ],
  },
  { name: "an insert without an id", answers: answer(), calls: [["insert", FRIEND]] },
  {
    name: "events are asked for",
    answers: answer({ result: [FRIEND, { kind: "hé" }] }),
    calls: [
      ["items"],
      items({ start: 1, end: 3 }),
      items({ start: -1, end: 20 }),
      items({ end: -1 }),
      items({ start: 0, end: 0 }),
      items({ where: { kind: "friend" } }),
      items({ where: { kind: "friend", user: 23 }, start: 0, end: 5 }),
      items({ where: { user: "23" } }),
      items({ where: { user: true } }),
      items({ where: { score: 1.5 } }),
      items({ where: { user: [23, 291], kind: ["friend", "watch"] } }),
      items({ where: { user: [] } }),
      items({ where: { kind: "hé", "": "", "a b": "-" } }),
    ],
  },
  {
    name: "nothing is found",
    answers: answer({ result: [] }),
    calls: [items({ where: { kind: "none" } })],
  },
  {
    name: "the server has an error",
    answers: answer({ error: TRACE }),
    calls: [["insert", FRIEND], items({ where: { zzz: 1 } })],
  },
  {
    name: "an error that is empty, or no text",
    answers: [{ body: { result: 1, error: "" } }, { body: { error: { code: 1 } } }, { body: {} }],
    calls: [["items"], ["items"], ["insert", FRIEND]],
  },
  {
    name: "answers that are no JSON",
    answers: [
      { status: 400, headers: { "content-type": "text/html" }, body: "<title>400 Bad Request" },
      { status: 500, body: "<title>500" },
      { status: 200, body: "" },
    ],
    calls: [["items"], ["insert", FRIEND], ["items"]],
  },
  {
    name: "an envelope with another status",
    answers: answer({ result: [FRIEND] }, 500),
    calls: [["items"]],
  },
  { name: "a connection that is cut", answers: [{ cut: true }], calls: [["items"]] },
];
