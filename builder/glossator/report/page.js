"use strict";
// A marker is a link to the words it cites: light every piece of them, since other marks may cut them apart.
function light() {
  const cited = location.hash.slice(1);
  for (const mark of document.querySelectorAll("mark"))
    mark.classList.toggle("lit", cited !== "" && mark.dataset.cites.split(" ").includes(cited));
}
addEventListener("hashchange", light);
light();
// Paper cannot be opened.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((card) => (card.open = true)));
