import { ABSENT } from "./compare.mjs";
import { library } from "./differences.mjs";

const APP = "the original's own name again; the app is the caller's to say";
const TRAITS = "an identify without traits leaves those there are; the original forgets them";
const DIRECT = "kept also when it is empty, so that a later visit does not become the first";

/** RudderStack's browser SDK 3.34.1 and ours. */
export const differences = [
  ...library("RudderLabs JavaScript SDK", "3.34.1"),
  {
    at: "events[*].context.library.variant",
    original: "bundled",
    ours: ABSENT,
    why: "says which client made the event",
  },
  {
    at: "events[*].context.app",
    original: /^\{"name":"RudderLabs JavaScript SDK","namespace":/,
    ours: ABSENT,
    why: APP,
  },
  {
    at: "events[*].context.os",
    original: { name: "", version: "" },
    ours: ABSENT,
    why: "says nothing",
  },
  {
    at: "events[*].context.traits",
    original: {},
    ours: ABSENT,
    why: "says nothing",
  },
  {
    at: "events[*].userId",
    original: "",
    ours: ABSENT,
    why: "nobody is known: left out, as the event specification has it",
  },
  {
    at: "events[*].context.ua-ch",
    original: ABSENT,
    ours: /^\{"brands":\[/,
    why: "what the browser says of itself unasked; the original has it behind an option",
  },
  {
    at: "events[*].sentAt",
    original: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    ours: ABSENT,
    why: "said once, around the batch",
  },
  {
    at: "envelope.sentAt",
    original: ABSENT,
    ours: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    why: "said once, around the batch",
  },
  {
    at: "envelope.headers.sentat",
    original: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    ours: ABSENT,
    why: "said in the body: a header of its own asks a preflight more of the server",
  },
  {
    at: "envelope.headers.anonymousid",
    original: /^[\w+/]+=*$/,
    ours: ABSENT,
    why: "lets a gateway keep events in order that come one by one; a batch is in order",
  },
  {
    at: "envelope.headers.content-type",
    original: "application/json;charset=UTF-8",
    ours: "application/json",
    why: "JSON is always UTF-8",
  },
  {
    at: "envelope.headers.content-encoding",
    original: ABSENT,
    ours: "gzip",
    why: "the server SDKs' way: a quarter of the bytes",
  },
  {
    at: "cookies.rl_page_init_referring_domain",
    original: ABSENT,
    ours: /^\{"value":"",/,
    why: DIRECT,
  },
  {
    at: "cookies.rl_trait",
    original: ABSENT,
    ours: /^\{"value":\{"a":1,"b":2\},/,
    why: TRAITS,
    in: ["the user whom an earlier call named", "null for the user"],
  },
  {
    at: "events[*].context.traits.*",
    original: ABSENT,
    ours: /^[12]$/,
    why: TRAITS,
    in: ["the user whom an earlier call named", "null for the user"],
  },
  {
    at: "events[*].context.b",
    original: 2,
    ours: ABSENT,
    why: "null for the user leaves who it is, and traits are traits; the original takes them for options",
    in: ["null for the user"],
  },
  {
    at: "events[*].context.app.*",
    original: /^(com.rudderlabs.javascript|3.34.1|npm)$/,
    ours: ABSENT,
    why: APP,
    in: ["options of a call"],
  },
  {
    at: "events[*].context.screen.width",
    original: 1200,
    ours: 1,
    why: "the caller's word goes before what was found out, here too",
    in: ["options of a call"],
  },
  {
    at: "events[*].**.none",
    original: ABSENT,
    ours: null,
    why: "null is a value, as the server SDKs send it: it can unset what was known",
    in: ["values that are null"],
  },
  {
    at: "envelope.headers.rsa-since-*-attempt",
    original: /^\d{4,5}$/,
    ours: /^\d{1,4}$/,
    why: "the first retry comes within a second; the original waits two",
    in: ["a server in trouble"],
  },
  {
    at: "envelope.headers.rsa-retry-reason",
    original: "client-network",
    ours: "server-500",
    why: "the reason there was; the original names the network whatever it is",
    in: ["a server in trouble"],
  },
  {
    at: "preflights[*].path",
    original: "/v1/page",
    ours: "/v1/batch",
    why: "events go in batches, one by one they ask a preflight for each type",
    in: ["a server of another origin"],
  },
  {
    at: "preflights[*].with",
    original: "anonymousid,authorization,content-type,sentat",
    ours: "authorization,content-encoding,content-type",
    why: "the gateway allows whatever is asked; a body is compressed, two headers are not sent",
    in: ["a server of another origin"],
  },
];
