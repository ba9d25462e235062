// What is asked of RudderStack's clients in a page. A visit is { page, referer, calls }, `page` with
// its query.

const CAMPAIGN = "page?utm_source=news&utm_campaign=sum&utm_term=a%20b&x=1#part";
const SEARCH = "https://search.example/find?q=x";

const visit = (calls, page = "page", referer) => ({ page, referer, calls });

export const scenarios = [
  {
    name: "page views of a campaign",
    visits: [
      visit(
        [
          ["page", "cat", "nm", { k: 1 }],
          ["page", "only"],
          ["page", "only", { k: 2 }],
          ["page", { k: 3 }],
          ["page"],
          ["track", "E", { p: 1 }],
        ],
        CAMPAIGN,
        SEARCH,
      ),
    ],
  },
  {
    name: "a page that nothing led to",
    visits: [visit([["page", "nm"]])],
  },
  {
    name: "a page with a canonical address",
    visits: [
      visit(
        [
          ["page", "nm"],
          ["track", "E"],
        ],
        "canonical?own=1#x",
      ),
    ],
  },
  {
    name: "a page view that says its own address",
    visits: [
      visit([
        ["page", "nm", { url: "https://x.example/y", title: "T" }],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "a visitor who becomes known",
    visits: [
      visit([
        ["track", "E", { p: { q: [1, "é 😀"] } }],
        ["identify", "u1", { email: "a@example.com", plan: { name: "pro", seats: 3 } }],
        ["identify", "u1", { age: 7, plan: { seats: 4 } }],
        ["track", "E"],
        ["group", "g1", { name: "Initech" }],
        ["group", "g1", { size: 5 }],
        ["alias", "u2", "u1"],
        ["alias", "u3"],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "an alias of a visitor who is not known",
    visits: [visit([["alias", "u3"]])],
  },
  {
    name: "another user than before",
    visits: [
      visit([
        ["identify", "u1", { email: "a@example.com" }],
        ["group", "g1", { name: "Initech" }],
        ["identify", "u2"],
        ["track", "E"],
        ["group", "g2", { size: 5 }],
      ]),
    ],
  },
  {
    name: "traits without a user",
    visits: [
      visit([
        ["identify", { a: 1 }],
        ["identify", { b: 2 }],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "the user whom an earlier call named",
    visits: [
      visit([
        ["identify", "u1", { a: 1 }],
        ["identify", { b: 2 }],
        ["identify", "u1"],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "null for the user",
    visits: [
      visit([
        ["identify", "u1", { a: 1 }],
        ["identify", null, { b: 2 }],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "ids that are numbers",
    visits: [
      visit([
        ["identify", 7, { c: 3 }],
        ["identify", "7", { d: 4 }],
        ["group", 8, { d: 4 }],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "a group without an id",
    onlyResults: true,
    visits: [
      visit([
        ["group", { d: 4 }],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "reset",
    visits: [
      visit([
        ["identify", "u1", { email: "a@example.com" }],
        ["group", "g1", { name: "Initech" }],
        ["track", "E"],
        ["reset"],
        ["track", "E"],
        ["reset", true],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "options of a call",
    visits: [
      visit([
        ["track", "E", {}, { context: { ip: "10.0.0.1", app: { name: "shop" } } }],
        ["track", "E", {}, { context: { page: { title: "T" }, library: { name: "mine" } } }],
        ["track", "E", {}, { integrations: { All: false, Slack: true } }],
        ["page", "nm", {}, { context: { screen: { width: 1 } }, integrations: { All: true } }],
      ]),
    ],
  },
  {
    name: "an anonymous id of the caller",
    visits: [
      visit([
        ["track", "E", {}, { anonymousId: "a1" }],
        ["track", "E"],
      ]),
    ],
  },
  {
    name: "values that are null",
    visits: [
      visit([
        ["track", "E", { none: null, list: [1, null], deep: { none: null, "": 0 } }],
        ["identify", "u1", { none: null }],
      ]),
    ],
  },
  {
    name: "two visits",
    visits: [
      visit(
        [
          ["page", "one"],
          ["identify", "u1", { email: "a@example.com" }],
        ],
        CAMPAIGN,
        SEARCH,
      ),
      visit(
        [
          ["page", "two"],
          ["track", "E"],
        ],
        "other",
        "https://elsewhere.example/",
      ),
    ],
  },
  {
    name: "a server in trouble",
    attempts: true,
    troubles: 1,
    visits: [visit([["track", "E"]])],
  },
];
