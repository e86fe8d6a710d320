// The connect wizard: shows what belongs to the chosen protocol, and turns an uploaded point table into text.
export function startConnect() {
  const form = document.querySelector(".z-wizard");
  if (!form) return;
  form.addEventListener("change", (event) => {
    if (event.target.name === "protocol") chooseProtocol(form);
    if (event.target.matches("[data-point-table]")) void readTable(form, event.target);
  });
  chooseProtocol(form);
}

function chooseProtocol(form) {
  const chosen = form.querySelector('[name="protocol"]:checked');
  form.querySelectorAll("[data-protocol]").forEach((part) => {
    part.hidden = part.dataset.protocol !== chosen?.value;
  });
  const hint = chosen?.closest("label").querySelector(".z-code")?.textContent;
  if (hint) form.elements.address.placeholder = hint;
}

async function readTable(form, input) {
  const field = document.querySelector(input.dataset.into);
  const place = form.querySelector("[data-table-words]");
  const file = input.files[0];
  if (!file) return;
  const body = new FormData();
  body.append("file", file);
  input.value = "";
  try {
    const answer = await fetch(input.dataset.pointTable, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": document.body.dataset.csrf },
    });
    const found = await answer.json();
    if (found.text) {
      field.value = found.text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    show(place, found.faults, found.words);
  } catch {
    show(place, [document.querySelector("#words-no-line").content.textContent.trim()]);
  }
}

function show(place, faults, words = []) {
  const line = (className) => (text) => Object.assign(document.createElement("p"), { className, textContent: text });
  place.replaceChildren(...words.map(line("z-warned")), ...faults.map(line("z-field-fault")));
}
