// Keys: all are listed in components/_keys.html. A single key may be switched off there, on this device.
//
// Keys of a row are where the row is drawn: in the row that has the focus, what says data-key="d" is what "d"
// does. What "g" goes to says data-go, in palette/_palette.html.

import { closeOpen } from "./menus.js"
import { moveSelection, openSelected, press } from "./rows.js"
import { offersTo, togglePalette } from "./palette.js"

const FIELDS = { a: "add-item-title", m: "composer-text" }
const WRITTEN_IN = "input, textarea, select, [contenteditable]"
const SWITCHED_OFF = "keys-off"
const GO_MS = 1_500

let wentAt = -GO_MS

document.addEventListener("keydown", (event) => {
  const { key, target } = event
  if (key === "Escape") return closeOpen(target)
  if (isPaletteKey(event) && togglePalette()) return event.preventDefault()
  if (key === "Enter" && (event.ctrlKey || event.metaKey)) return target.form?.requestSubmit()
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && !"jk".includes(key)) return
  if (target.matches(WRITTEN_IN) || document.querySelector("dialog[open]") || isOff()) return
  if (does(key, target)) event.preventDefault()
})

// Whether the key did something.
function does(key, target) {
  const isGoing = performance.now() - wentAt < GO_MS
  wentAt = -GO_MS
  if (isGoing) return go(key)
  if (key === "g") {
    wentAt = performance.now()
    return true
  }
  if (key === "j" || key === "k") return moveSelection(key === "j" ? 1 : -1)
  if (key === "Enter") return openSelected(target)
  if (press(key)) return true
  if (key === "u") return undo()
  if (key === "/") return search()
  if (key === "?") return show(document.getElementById("keys"))
  return key in FIELDS && focus(document.getElementById(FIELDS[key]))
}

function go(key) {
  const offer = /^[a-z]$/.test(key) && offersTo(key)
  if (!offer) return false
  const { hash, pathname } = new URL(offer.dataset.href, location)
  const panel = hash && pathname === location.pathname && document.querySelector(hash)
  if (panel) goTo(panel)
  else location.assign(offer.dataset.href)
  return true
}

function goTo(panel) {
  panel.scrollIntoView({ block: "start" })
  const all = panel.querySelectorAll("a[href], button, summary, input:not([type=hidden]), textarea")
  const first = [...all].find((element) => element.checkVisibility())
  first?.focus({ preventScroll: true })
}

function undo() {
  const buttons = document.querySelectorAll("#toasts form[data-undoes] button")
  const last = [...buttons].at(-1)
  last?.click()
  return Boolean(last)
}

function search() {
  const field = [...document.querySelectorAll("[data-search]")].find((each) => each.checkVisibility())
  if (field) field.select()
  else document.querySelector(".topbar-search-link")?.click()
  return focus(field) || true
}

function focus(field) {
  field?.focus()
  return Boolean(field)
}

function show(dialog) {
  dialog?.showModal()
  return Boolean(dialog)
}

function isPaletteKey({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  return key.toLowerCase() === "k" && (ctrlKey || metaKey) && !altKey && !shiftKey
}

function isOff() {
  return localStorage.getItem(SWITCHED_OFF) !== null
}

function showWhetherOff() {
  document.documentElement.toggleAttribute("data-keys-off", isOff())
  const box = document.getElementById("keys-on")
  if (box) box.checked = !isOff()
}

document.addEventListener("change", ({ target }) => {
  if (target.id !== "keys-on") return
  if (target.checked) localStorage.removeItem(SWITCHED_OFF)
  else localStorage.setItem(SWITCHED_OFF, "")
  showWhetherOff()
})

showWhetherOff()
