// What is said aloud and shown after a request.

const TOAST_MS = 5_000
// There is something to do in it: reach it first.
const TOAST_WITH_BUTTON_MS = 12_000

export function announce(words) {
  document.getElementById("announce").textContent = words
}

// Something went wrong: it stays until it is closed.
export function complain(words) {
  document.getElementById("toasts").replaceChildren(...kept(), toast(words))
  announce(words)
}

// Texts that have no field any more are shown until the person has them elsewhere.
export function keepTexts(words, texts) {
  const box = toast(words)
  box.dataset.keeps = ""
  for (const text of texts) {
    const area = document.createElement("textarea")
    Object.assign(area, { className: "textarea", readOnly: true, value: text, rows: 2 })
    area.setAttribute("aria-label", "What you wrote")
    box.querySelector("p").append(area)
  }
  document.getElementById("toasts").prepend(box)
  announce(words)
}

// The answer to a verb brings new toasts: what is still to be read stays beside them.
export function keepIn(fragment) {
  fragment.querySelector("#toasts")?.prepend(...kept())
}

// A success says so and goes, unless somebody is at it; a refusal stays until it is closed.
export function letToastsGo() {
  for (const box of document.querySelectorAll(".toast:not([data-tone~=error], [data-going])")) {
    box.dataset.going = ""
    leaveSoon(box)
  }
}

function leaveSoon(box) {
  const soon = box.querySelector("form") ? TOAST_WITH_BUTTON_MS : TOAST_MS
  setTimeout(() => box.matches(":hover, :focus-within") ? leaveSoon(box) : box.remove(), soon)
}

function toast(words) {
  const box = document.getElementById("toast").content.cloneNode(true).querySelector(".toast")
  box.querySelector("p").textContent = words
  return box
}

function kept() {
  return document.querySelectorAll("#toasts > [data-keeps]")
}
