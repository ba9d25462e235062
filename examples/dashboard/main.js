import { StreamClient } from "sluicebox";

const url = new URLSearchParams(location.search).get("events") ?? "http://localhost:8080";
const client = new StreamClient(url);
const rows = new Map();

function count({ event = "(no name)" }) {
  let row = rows.get(event);
  if (!row) {
    row = document.querySelector("#counts").insertRow();
    row.insertCell().textContent = event;
    row.insertCell().textContent = 0;
    rows.set(event, row);
  }
  row.cells[1].textContent = Number(row.cells[1].textContent) + 1;
}

// Followed before the past is asked for, so that nothing falls between; what is in both counts once.
const live = await client.subscribe();
const past = await client.items({ end: 1000 });
const known = new Set(past.map(({ $id, messageId }) => $id ?? messageId));
past.reverse().forEach(count);

document.querySelector("#state").textContent = "live";
for await (const event of live) if (!known.delete(event.$id)) count(event);
