import { SluiceboxError } from "../../core/error.js";
import { refusal } from "./check.js";

/** The most of an answer that is no JSON that an error shows, in characters. */
const SHOWN = 200;

/** Redis over REST, as Upstash speaks it. Source: Upstash's REST API. */
export function upstash(options) {
  const { url, token } = options ?? {};
  const base = typeof url === "string" && /^https?:\/\//.test(url) && url.replace(/\/+$/, "");
  if (!base) throw refusal("url", "the http or https URL of the database's REST API");
  if (typeof token !== "string" || !token) throw refusal("token", "the token of its REST API");

  async function post(path, body) {
    let response;
    try {
      response = await fetch(base + path, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    } catch (error) {
      throw failure(`cannot be reached: ${error.cause?.message ?? error.message}`);
    }
    const text = await response.text();
    let answer;
    try {
      answer = JSON.parse(text);
    } catch {
      throw failure(`answered ${response.status}: ${text.slice(0, SHOWN)}`);
    }
    if (answer?.error != null) throw failure(`answered ${response.status}: ${answer.error}`);
    if (!response.ok) throw failure(`answered ${response.status}`);
    return answer;
  }

  // Whatever it answers, who reads the log must not find the key there.
  const failure = (text) =>
    new SluiceboxError("storage", "server", `Redis over REST ${text.replaceAll(token, "…")}`);

  return {
    async command(args) {
      return (await post("", args.map(String))).result;
    },
    async transaction(commands) {
      if (!commands.length) return [];
      const answers = await post(
        "/multi-exec",
        commands.map((args) => args.map(String)),
      );
      const failed = answers.find(({ error }) => error != null);
      if (failed) throw failure(`refused a command: ${failed.error}`);
      return answers.map(({ result }) => result);
    },
  };
}
