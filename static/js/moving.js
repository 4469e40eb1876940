// An item that one decides, parks or explores again: its card stands in the other column at once.

import { count, refill, focusInstead } from "./putting-back.js"

export class Moving {
  home = "items"

  constructor(form, body) {
    this.form = form
    this.body = body
    this.subject = form.dataset.subject
    this.to = form.dataset.to
  }

  begin() {
    const card = document.getElementById(this.subject)
    const row = card?.closest("li")
    this.from = card?.dataset.tone
    this.next = row?.nextElementSibling
    this.list = row?.parentElement
    this.opened = this.form.closest("details")?.id
    const beside = row?.nextElementSibling ?? row?.previousElementSibling
    this.focused = focusInstead(row, beside?.querySelector(".item-title a"))
    this.form.closest("details")?.removeAttribute("open")
    this.show(document)
  }

  isShownIn(root) {
    return root.getElementById(this.subject)?.dataset.tone === this.to
  }

  show(root) {
    const list = root.querySelector(`#${this.to} > [data-page]`)
    // One from the grown part of a list is not among the cards that a push brings.
    const row = root.getElementById(this.subject)?.closest("li")
      ?? document.getElementById(this.subject)?.closest("li")?.cloneNode(true)
    if (list && row) this.put(row, this.to, list, list.firstElementChild)
    this.shift(root, this.from, this.to)
  }

  takeBack() {
    const row = document.getElementById(this.subject)?.closest("li")
    if (!this.hasCome && row) {
      const list = this.list?.isConnected ? this.list : document.querySelector(`#${this.from} > [data-page]`)
      this.put(row, this.from, list, this.next?.parentElement === list ? this.next : list.firstElementChild)
      delete row.querySelector(`#${this.subject}`).dataset.waiting
      this.shift(document, this.to, this.from)
    }
    if (this.opened) document.getElementById(this.opened)?.setAttribute("open", "")
    refill(this)
  }

  end() {}

  put(row, state, list, before) {
    // By its id: what a push has not changed comes as a stub (pieces.js).
    const card = row.querySelector(`#${this.subject}`)
    card.dataset.tone = state
    card.dataset.waiting = ""
    card.querySelector(".item-said")?.remove()
    if (state === this.to) card.querySelector(".item-by")?.before(...this.said())
    list.insertBefore(row, before === row ? row.nextElementSibling : before)
  }

  // What was said with it, instead of what was said when it came to the old column.
  said() {
    const words = [this.body.get("outcome"), this.body.get("reason")].filter((each) => each?.trim()).join(": ")
    if (!words) return []
    const line = document.createElement("p")
    line.className = "item-reason item-said"
    line.append(words)
    return [line]
  }

  shift(root, from, to) {
    this.countIn(root, from, -1)
    this.countIn(root, to, 1)
  }

  countIn(root, state, by) {
    count(root, `#${state} > .column-head .count, .column-tabs [data-tone="${state}"] .count`, by)
    // The first number is of what was decided lately: what is explored again may not be among it.
    if (state !== "decided" || this.to === "decided") count(root, `.door[data-tone="${state}"] .door-number`, by)
  }
}
