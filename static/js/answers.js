// What the server answers to the page itself, when no person asked: panels, or where to go.

import { reload } from "./drafts.js"

// Returns whether the server answered as it should.
export async function take(response, source) {
  const elsewhere = response.headers.get("HX-Redirect")
  if (elsewhere) location.assign(elsewhere)
  else if (response.headers.get("HX-Refresh") === "true" || [401, 403, 404].includes(response.status)) reload()
  else if (response.ok && response.status === 200) await swapIn(await response.text(), source)
  return response.ok
}

// Everything in it goes to its place by its id.
async function swapIn(text, source) {
  await htmx.swap({ sourceElement: source, target: source, swap: "none swapEmpty:false", text, transition: false })
}
