// The rows of a page that keys move over: whatever says data-row. The selected one has the focus or holds it,
// so that it is the browser who shows it, scrolls to it and has it read aloud.

const ROW = "[data-row]"
const NAME_CHARACTERS = 120

function rows() {
  return [...document.querySelectorAll(ROW)].filter((row) => row.checkVisibility())
}

function selected() {
  return document.activeElement.closest(ROW)
}

// Select the row so many further on; without a selection the first that is in view. Whether there are rows.
export function moveSelection(step) {
  const all = rows()
  const now = selected()
  const next = now ? all[all.indexOf(now) + step] : all.find(isInView) ?? all[0]
  if (next) select(next)
  return all.length > 0
}

// Open what the row is about; not when the key is meant for something in the row.
export function openSelected(target) {
  if (!target.matches(ROW)) return false
  const link = target.querySelector("a[href]")
  if (link) link.click()
  else firstField(target)?.focus()
  return true
}

// What a key is about: the selected row, or the only one there is.
export function subject() {
  const all = rows()
  return selected() ?? (all.length === 1 ? all[0] : null)
}

// Do what this key does in that row; whether it does something there.
export function press(key) {
  const marked = subject()?.querySelectorAll(`[data-key="${CSS.escape(key)}"]`) ?? []
  const control = [...marked].find((each) => each.checkVisibility())
  if (!control) return false
  const form = control.matches("summary") ? control.parentElement : null
  if (!form?.open) control.click()
  if (form) firstField(form)?.focus()
  return true
}

export function select(row) {
  if (!row.hasAttribute("tabindex")) row.tabIndex = -1
  row.ariaLabel ??= row.querySelector("a[href], [id$='-text']")?.textContent.trim().slice(0, NAME_CHARACTERS) ?? null
  row.focus({ preventScroll: true })
  row.scrollIntoView({ block: "nearest" })
}

function firstField(root) {
  const all = root.querySelectorAll("textarea, input:not([type=hidden]), select, button")
  return [...all].find((each) => each.checkVisibility())
}

function isInView(row) {
  const { top, bottom } = row.getBoundingClientRect()
  return top >= 0 && bottom <= innerHeight
}

// What a refresh takes away was perhaps selected: then it is its neighbour.
let held = null

document.addEventListener("htmx:before:swap", () => {
  const row = selected()
  held = row && { id: row.id, place: rows().indexOf(row) }
})

document.addEventListener("htmx:after:swap", () => {
  if (!held || document.activeElement !== document.body) return
  const all = rows()
  const next = all.find((row) => row.id && row.id === held.id) ?? all[Math.min(held.place, all.length - 1)]
  if (next) select(next)
})
