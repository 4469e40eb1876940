// Commands in the chat box: "/" at the start of a line offers what may follow.
//
// The field keeps the focus all the time; the list is told of by aria-activedescendant. Panels that are
// swapped in take the field's attributes away, so they are set again.

import { beside, choose as chooseIn, offered } from "./listbox.js"

const STARTED = /^[ \t]*(\/[a-z]*)$/i

let active = null

const field = () => document.getElementById("composer-text")
const list = () => document.getElementById("composer-commands")

document.addEventListener("input", ({ target }) => {
  if (target === field()) offer()
})

// Before the page's own keys hear of it.
document.addEventListener("keydown", (event) => {
  const { key, target } = event
  if (target !== field() || !active || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  if (key === "ArrowDown") choose(beside(list(), active, 1))
  else if (key === "ArrowUp") choose(beside(list(), active, -1))
  else if (key === "Enter" || (key === "Tab" && !event.shiftKey)) take(active)
  else if (key === "Escape") close()
  else return
  event.preventDefault()
  event.stopPropagation()
}, { capture: true })

document.addEventListener("selectionchange", () => {
  if (active && !started()) close()
})

document.addEventListener("focusout", ({ target }) => {
  if (target === field()) close()
})

document.addEventListener("submit", close)

// Pressing on an offer leaves the focus, and with it a phone's keyboard, where it is.
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("#composer-commands")) event.preventDefault()
})

document.addEventListener("click", ({ target }) => {
  const option = target.closest("#composer-commands > [role=option]")
  if (option) take(option)
})

document.addEventListener("htmx:after:swap", () => {
  if (active) choose(active)
})

// What is typed of a command up to the caret; nothing where none is begun.
function started() {
  const { value, selectionStart, selectionEnd } = field()
  if (selectionStart !== selectionEnd) return ""
  const line = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart)
  return STARTED.exec(line)?.[1].toLowerCase() ?? ""
}

function offer() {
  const typed = started()
  for (const option of list().children) option.hidden = !typed || !option.dataset.command.startsWith(typed)
  const [first] = offered(list())
  if (!first) return close()
  list().hidden = false
  choose(first)
}

function choose(option) {
  active = option
  chooseIn(field(), list(), option)
}

function take(option) {
  const box = field()
  box.setRangeText(option.dataset.command, box.selectionStart - started().length, box.selectionStart, "end")
  close()
}

function close() {
  if (!active) return
  active = null
  list().hidden = true
  field()?.removeAttribute("aria-activedescendant")
}
