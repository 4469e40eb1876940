// What every page needs beyond links and forms. Nothing here is needed to read or to act.

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TICK_MS = 30_000
const TOAST_MS = 5_000

document.documentElement.classList.remove("no-js")

// --- relative times: the same words and limits as insights/durations.py ----------------------

function inWords(seconds) {
  const days = Math.floor(seconds / DAY)
  const [count, unit] =
    seconds < MINUTE ? [0, ""] :
    seconds < HOUR ? [Math.floor(seconds / MINUTE), "minute"] :
    seconds < DAY ? [Math.floor(seconds / HOUR), "hour"] :
    days < 7 ? [days, "day"] :
    days < 30 ? [Math.floor(days / 7), "week"] :
    days < 365 ? [Math.floor(days / 30), "month"] :
    [Math.floor(days / 365), "year"]
  return unit ? `${count} ${unit}${count === 1 ? "" : "s"} ago` : "just now"
}

// The server's clock counts: a browser's own may be hours off.
const CLOCK_OFFSET_MS = Date.parse(document.getElementById("main").dataset.now) - Date.now() || 0

function tick() {
  const now = Date.now() + CLOCK_OFFSET_MS
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const words = inWords((now - Date.parse(time.dateTime)) / 1000)
    if (time.textContent !== words) time.textContent = words
  }
}

setInterval(tick, TICK_MS)
document.addEventListener("visibilitychange", () => document.hidden || tick())

// --- menus: <details> opens and closes by itself; a click elsewhere and Esc close it too -----

function openMenus() {
  return document.querySelectorAll("details.menu[open], details.verb[open]")
}

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false
  }
  const opener = target.closest("[data-opens]")
  if (opener) document.getElementById(opener.dataset.opens).showModal()
  const closer = target.closest("[data-closes]")
  if (closer) closer.closest(closer.dataset.closes).remove()
  const copier = target.closest("[data-copies]")
  if (copier) copy(document.getElementById(copier.dataset.copies))
})

async function copy(input) {
  input.select()
  await navigator.clipboard?.writeText(input.value)
  announce("Copied")
}

// --- keys -------------------------------------------------------------------------------------

const PLACES = { q: "questions", c: "changes", s: "steps", b: "blockers", i: "items" }
const FIELDS = { a: "add-item-title", m: "composer-text" }

document.addEventListener("keydown", (event) => {
  const { key, target } = event
  if (key === "Escape") return closeOpen(target)
  if (key === "Enter" && (event.ctrlKey || event.metaKey)) return target.form?.requestSubmit()
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return
  if (key === "?") document.getElementById("keys")?.showModal()
  else if (key in PLACES) goTo(document.getElementById(PLACES[key]))
  else if (key in FIELDS) document.getElementById(FIELDS[key])?.focus()
  else return
  event.preventDefault()
})

function closeOpen(target) {
  for (const menu of openMenus()) {
    menu.open = false
    if (menu.contains(target)) menu.querySelector("summary").focus()
  }
}

function goTo(panel) {
  if (!panel) return
  panel.scrollIntoView({ block: "start" })
  const all = panel.querySelectorAll("a[href], button, summary, input:not([type=hidden]), textarea")
  const first = [...all].find((element) => element.checkVisibility())
  first?.focus({ preventScroll: true })
}

// --- a form is sent once: what comes while it is under way is dropped ---------------------------

const RESEND_MS = 10_000

let underWay = new WeakSet()

document.addEventListener("htmx:config:request", (event) => {
  if (underWay.has(event.detail.ctx.request.form)) event.preventDefault()
})

document.addEventListener("htmx:before:request", ({ detail }) => {
  if (detail.ctx.request.form) underWay.add(detail.ctx.request.form)
})

document.addEventListener("htmx:finally:request", ({ detail }) => {
  underWay.delete(detail.ctx.request.form)
})

// HTMX prevents the default of what it sends itself; the rest leaves the page, or was stopped by hand.
document.addEventListener("submit", (event) => {
  const form = event.target
  if (event.defaultPrevented || form.method === "dialog") return
  if (underWay.has(form)) return event.preventDefault()
  underWay.add(form)
  setTimeout(() => underWay.delete(form), RESEND_MS)
})

addEventListener("pageshow", () => { underWay = new WeakSet() })

// --- what is said aloud and shown after a request ----------------------------------------------

function announce(words) {
  document.getElementById("announce").textContent = words
}

function toast(words) {
  const box = document.createElement("div")
  box.className = "toast"
  box.dataset.tone = "error"
  const line = document.createElement("p")
  line.textContent = words
  box.append(line)
  document.getElementById("toasts").replaceChildren(box)
  announce(words)
}

// A success says so and goes, unless somebody is at it; a refusal stays until it is closed.
function letToastsGo() {
  for (const box of document.querySelectorAll(".toast:not([data-tone~=error], [data-going])")) {
    box.dataset.going = ""
    leaveSoon(box)
  }
}

function leaveSoon(box) {
  setTimeout(() => box.matches(":hover, :focus-within") ? leaveSoon(box) : box.remove(), TOAST_MS)
}

function succeeded(ctx) {
  const status = ctx.response?.raw?.status ?? 0
  return status >= 200 && status <= 299
}

document.addEventListener("htmx:after:request", ({ detail }) => {
  if (!succeeded(detail.ctx)) return
  const form = detail.ctx.sourceElement.closest("form")
  form?.closest("details.menu, details.verb")?.removeAttribute("open")
  if (form?.hasAttribute("data-resets")) form.reset()
})

document.addEventListener("htmx:response:error", ({ detail }) => {
  // Our own refusals bring their words along; an answer of a proxy in between does not.
  if (detail.ctx.text?.includes('id="toasts"') || detail.ctx.response?.raw?.status === 401) return
  toast("That did not work just now. What you wrote is still here: try again.")
})

document.addEventListener("htmx:error", ({ detail }) => {
  if (!detail.ctx?.response) toast("No connection. What you wrote is still here: try again.")
})

// --- lists that were grown by "show more" keep what they grew when the panel is refreshed ------
//
// A refresh brings the first page again. What was loaded beyond it is in [data-more], which is then
// left alone; a row pushed off the first page by a new one moves there, so that no row is missing.

let firstPages = new Map()

document.addEventListener("htmx:before:swap", ({ detail }) => {
  if (succeeded(detail.ctx)) showDeleted(detail.ctx.request.form)
  firstPages = new Map()
  for (const more of document.querySelectorAll("[data-more][hx-morph-skip]")) {
    firstPages.set(more, [...more.parentElement.querySelector(":scope > [data-page]").children])
  }
})

document.addEventListener("htmx:after:swap", ({ target, detail }) => {
  const grown = target.closest?.("[data-more]")
  if (grown) grown.setAttribute("hx-morph-skip", "")
  for (const [more, rows] of firstPages) keepFallenRows(more, rows)
  const form = detail.ctx.request.form
  // Where the result is in view beside the field, the live region is enough.
  if (form?.hasAttribute("data-quiet")) document.querySelector(".toast:not([data-tone~=error])")?.remove()
  if (form?.id === "composer" && succeeded(detail.ctx)) showNewest()
  hideRepeatedDays()
  followVersion()
  letToastsGo()
  tick()
})

// What was deleted must not be taken for a row that fell off the first page, nor stay in a grown part.
function showDeleted(form) {
  if (form?.dataset.deletes === "item") form.closest("[data-page] > li, [data-more] > li")?.remove()
  const message = form?.dataset.deletes === "message" && form.closest("[data-more] > .message")
  if (!message) return
  const gone = document.createElement("p")
  gone.className = "message-text message-gone"
  gone.textContent = "This message was deleted."
  message.querySelector(".message-text").replaceWith(gone)
  message.querySelector(".menu").remove()
}

function keepFallenRows(more, rows) {
  const fallen = rows.filter((row) => !row.isConnected && subjectOf(row) && !document.getElementById(subjectOf(row)))
  if (more.dataset.more === "before") more.append(...fallen)
  else more.prepend(...fallen)
  const page = more.parentElement.querySelector(":scope > [data-page]")
  for (const row of [...more.children]) {
    const subject = subjectOf(row)
    const here = subject && document.querySelectorAll(`[id="${CSS.escape(subject)}"]`)
    if (here?.length > 1 && !page.contains(row)) row.remove()
  }
}

function subjectOf(row) {
  return row.id || row.querySelector("[id]")?.id
}

// The page says in one place which version it shows.
function followVersion() {
  const version = document.getElementById("version")
  const main = document.getElementById("main")
  if (version && main.dataset.version) main.dataset.version = version.value
}

// --- the chat -----------------------------------------------------------------------------------

// Its column is reversed: the newest message is at 0.
function showNewest() {
  document.getElementById("chat-scroll").scrollTop = 0
}

// Each page of messages begins with its day, also where the page before it ended in the same one.
function hideRepeatedDays() {
  let last = ""
  for (const day of document.querySelectorAll("#chat .chat-day")) {
    day.hidden = day.textContent === last
    last = day.textContent
  }
}

// Beside the page the chat scrolls by itself; the browser would also move the page for a message in it.
const isBeside = matchMedia("(min-width: 75rem)")

function keepPageAt(top) {
  const isMessage = location.hash.startsWith("#message-") && document.getElementById("chat")
  if (isMessage && isBeside.matches) scrollTo({ top, behavior: "instant" })
}

let pageTop = 0

document.addEventListener("click", () => { pageTop = scrollY }, { capture: true })
addEventListener("hashchange", () => keepPageAt(pageTop))
addEventListener("load", () => {
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") keepPageAt(0)
})

letToastsGo()
tick()
