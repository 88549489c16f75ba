// Keeps the counts on a page as they are now. Without it, they are as the page was opened.
"use strict";
const places = document.querySelectorAll("[data-live]");
if (places.length) {
  new EventSource("/mijn-werk/stand").addEventListener("message", (event) => {
    const counts = JSON.parse(event.data);
    for (const place of places) place.textContent = counts[place.dataset.live];
  });
}
