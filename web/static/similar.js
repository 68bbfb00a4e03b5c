// Shows what others asked already while somebody types a question. It keeps nothing and asks only our own server; what
// was typed goes in the body of the request, so that it stands in no address and no log.
"use strict";

const place = document.getElementById("lijkt-op");
const field = place && document.getElementById(place.dataset.for);
const PAUSE = 350;
const SHORTEST = 8;
let waiting = 0;
let asking = null;
let shown = "";

async function ask() {
  const words = field.value.trim();
  if (words === shown) return;
  shown = words;
  if (asking) asking.abort();
  if (words.length < SHORTEST) {
    place.replaceChildren();
    return;
  }
  asking = new AbortController();
  try {
    const answer = await fetch(place.dataset.ask, {
      method: "POST",
      body: new URLSearchParams({ title: words }),
      signal: asking.signal,
    });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.body.children);
  } catch {
    // without a connection, or asked again meanwhile: what stands there stays
  }
}

if (field) {
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
}
