// A form is sent once: what comes while it is under way is dropped. Afterwards it says how it went.

import { complain } from "./toasts.js"

const RESEND_MS = 10_000

let underWay = new Set()
// What a form held when it was sent: only that is emptied after a success.
const sent = new WeakMap()

export function succeeded(ctx) {
  const status = ctx.response?.status ?? 0
  return status >= 200 && status <= 299
}

export function isUnderWay(form) {
  return underWay.has(form)
}

export function areAnyUnderWay() {
  return underWay.size > 0
}

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail
  const form = ctx.request.form
  // One that queues (hx-sync) sends all it is given, one after the other.
  if (underWay.has(form) && !form.hasAttribute("hx-sync")) return event.preventDefault()
  // Panels are swapped by their ids, also when a push has taken the form away meanwhile.
  if (ctx.swap === "none") ctx.target = document.getElementById("main")
})

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const form = ctx.request.form
  if (!form) return
  underWay.add(form)
  sent.set(form, contents(form))
})

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!succeeded(ctx)) return
  const form = ctx.sourceElement.closest("form")
  form?.closest("details.menu, details.verb")?.removeAttribute("open")
  if (form?.hasAttribute("data-resets") && sent.get(form) === contents(form)) form.reset()
})

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  underWay.delete(ctx.request.form)
})

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  // Our own refusals bring their words along; an answer of a proxy in between does not.
  if (ctx.text?.includes('id="toasts"') || ctx.response?.status === 401) return
  complain("That did not work just now. What you wrote is still here: try again.")
})

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx?.response && !ctx?.wasSeen) complain("No connection. What you wrote is still here: try again.")
})

// HTMX prevents the default of what it sends itself; the rest leaves the page, or was stopped by hand.
document.addEventListener("submit", (event) => {
  const form = event.target
  if (event.defaultPrevented || form.method === "dialog") return
  if (underWay.has(form)) return event.preventDefault()
  underWay.add(form)
  setTimeout(() => underWay.delete(form), RESEND_MS)
})

addEventListener("pageshow", () => { underWay = new Set() })

function contents(form) {
  const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden")
  return JSON.stringify(fields.map((field) => field.value))
}
